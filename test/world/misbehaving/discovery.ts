import { htmlReply, jsonReply } from '../reply.js';
import type { Reply } from '../reply.js';

/** How one of the plain endpoints departs from its specification. */
export interface EndpointBend {
  /** Laid over the right document; undefined removes a member. */
  body?: Record<string, unknown>;
  /** How the document is put on the wire. */
  written?: (reply: Reply) => Reply;
  /** Sent in place of the right answer. */
  reply?: Reply;
  /** Used up after so many requests. */
  times?: number;
}

/** The bend, unless it is used up; counts the use. */
export function takeEndpointBend(bend: EndpointBend | undefined): EndpointBend | undefined {
  if (bend?.times === undefined) return bend;
  if (bend.times < 1) return undefined;
  bend.times--;
  return bend;
}

/** The right document, unless it is bent. */
export function bentDocument(right: Record<string, unknown>, given: EndpointBend | undefined): Reply {
  const bend = takeEndpointBend(given);
  const reply = jsonReply({ ...right, ...bend?.body });
  return bend?.reply ?? bend?.written?.(reply) ?? reply;
}

export interface Metadata {
  issuer: string;
  /** Absolute, without a final slash. */
  base: string;
  issParameter: boolean;
}

/** OpenID Connect Discovery section 3, RFC 8414 section 2. */
export function metadata({ issuer, base, issParameter }: Metadata): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${base}/authorize`,
    token_endpoint: `${base}/token`,
    jwks_uri: `${base}/jwks`,
    userinfo_endpoint: `${base}/userinfo`,
    revocation_endpoint: `${base}/revoke`,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    subject_types_supported: ['public'],
    // HS256 is listed and never used, as servers do: a client that goes by the list alone can be fooled.
    id_token_signing_alg_values_supported: ['RS256', 'HS256'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    code_challenge_methods_supported: ['S256'],
    ...(issParameter ? { authorization_response_iss_parameter_supported: true } : {}),
  };
}

/** Documents with which no sign-in may begin. */
export const unusableDiscovery: Record<string, EndpointBend> = {
  'names another issuer': { body: { issuer: 'https://another.test' } },
  'names no issuer': { body: { issuer: undefined } },
  'is an HTML page': { reply: htmlReply('<!doctype html><title>Welcome</title>') },
  'is truncated': { reply: { headers: { 'content-type': 'application/json' }, body: '{"issuer":' } },
  'is not there': { reply: { status: 404 } },
  'names no token endpoint': { body: { token_endpoint: undefined } },
  'names no authorization endpoint': { body: { authorization_endpoint: undefined } },
};

export const hangingDiscovery: EndpointBend = { reply: { instead: 'hang' } };
export const onlyPlainPkce: EndpointBend = { body: { code_challenge_methods_supported: ['plain'] } };
/** Right again after so many requests. */
export const missingDiscovery = (times: number): EndpointBend => ({ reply: { status: 404 }, times });
