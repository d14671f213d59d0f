import type { IdTokenBend } from './id-token.js';

/** ID tokens that a client refuses at the callback (OpenID Connect Core section 3.1.3.7). */
export const refusedIdTokens: Record<string, IdTokenBend> = {
  'has no signature (alg none)': { signature: 'none' },
  'is signed HS256 with the client secret': { signature: 'hs256_client_secret' },
  'is signed HS256 with the public key as secret': { signature: 'hs256_public_key' },
  'is signed with an unknown key under a known kid': { signature: 'unknown_key' },
  'is signed with an unknown key under its own kid': { signature: 'unknown_key', header: { kid: 'never-published' } },
  'is signed with an unknown key without kid': { signature: 'unknown_key', header: { kid: undefined } },
  'has a broken signature': { signature: 'broken' },
  'names another audience': { claims: { aud: 'another-client' } },
  'has no audience': { claims: { aud: undefined } },
  'names an untrusted second audience': {
    claims: (_claims, { clientId }) => ({ aud: [clientId, 'untrusted-audience'] }),
  },
  'names a second audience and authorizes another client': {
    claims: (_claims, { clientId }) => ({ aud: [clientId, 'untrusted-audience'], azp: 'another-client' }),
  },
  'authorizes another client (azp)': { claims: { azp: 'another-client' } },
  'names another issuer': { claims: { iss: 'https://another.test' } },
  'names the issuer with a slash more or less': {
    claims: ({ iss = '' }) => ({ iss: iss.endsWith('/') ? iss.slice(0, -1) : `${iss}/` }),
  },
  'has no issuer': { claims: { iss: undefined } },
  'lacks the nonce': { claims: { nonce: undefined } },
  'has another nonce': { claims: { nonce: 'another-nonce' } },
  'has a nonce that is a list': { claims: ({ nonce }) => ({ nonce: [nonce] }) },
  'expired an hour ago': { claims: (_claims, { now }) => ({ exp: now - 3600, iat: now - 7200 }) },
  'has no expiry': { claims: { exp: undefined } },
  'has an expiry in words': { claims: { exp: 'tomorrow' } },
  'has no time of issue': { claims: { iat: undefined } },
  'has no subject': { claims: { sub: undefined } },
  'has an empty subject': { claims: { sub: '' } },
  'has a subject that is a number': { claims: { sub: 1 } },
  'is not valid before tomorrow': { claims: (_claims, { now }) => ({ nbf: now + 86_400 }) },
  'demands an extension nobody knows (crit)': { header: { crit: ['urn:unknown'], 'urn:unknown': true } },
};

/** Departures that are within the specification. */
export const acceptedIdTokens: Record<string, IdTokenBend> = {
  'lacks the kid while one key is published': { header: { kid: undefined } },
  'names this client alone, in a list': { claims: (_claims, { clientId }) => ({ aud: [clientId] }) },
  'authorizes this client (azp)': { claims: (_claims, { clientId }) => ({ azp: clientId }) },
  'has no typ': { header: { typ: undefined } },
  'has claims nobody asked for': { claims: { 'https://acme.test/claim': { deep: ['x'] } } },
};

/** The refresh answers with an ID token of somebody else (OpenID Connect Core section 12.2). */
export const changedSubjectOnRefresh: IdTokenBend = {
  claims: (_claims, { grantType }) => (grantType === 'refresh_token' ? { sub: 'somebody-else' } : {}),
};

/** A time of issue in the future, for clients that look at it. */
export const issuedInFuture: IdTokenBend = {
  claims: (_claims, { now }) => ({ iat: now + 86_400, exp: now + 90_000 }),
};
