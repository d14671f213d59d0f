/*
 * The provider of the trial: an authorization server (RFC 6749 with PKCE, RFC 7636) that asks nobody, and an API. Its access tokens
 * live 75 s. A refresh token is spent by its use, and one that comes twice ends the whole grant (RFC 9700 section 4.14.2).
 */
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

const lifetime = 75;
const clientId = 'trial';
const clientSecret = process.env['CLIENT_SECRET'];
if (!clientSecret) throw new Error('CLIENT_SECRET is not set');

/** @typedef {{ ended: boolean }} Grant */

/** @type {Map<string | null, { redirectUri: string, challenge: string | null }>} */
const codes = new Map();
/**
 * By token: the grant it belongs to, and when it ends (milliseconds).
 * @type {Map<string | undefined, { grant: Grant, until: number }>}
 */
const accessTokens = new Map();
/** @type {Map<string | null, { grant: Grant, spent: boolean }>} */
const refreshTokens = new Map();
let reused = 0;

const opaque = () => randomBytes(24).toString('base64url');

/** @param {Grant} grant */
function issue(grant) {
  const [access, refresh] = [opaque(), opaque()];
  accessTokens.set(access, { grant, until: Date.now() + lifetime * 1000 });
  refreshTokens.set(refresh, { grant, spent: false });
  return {
    access_token: access,
    refresh_token: refresh,
    token_type: 'Bearer',
    expires_in: lifetime,
    scope: 'read write',
  };
}

/** @param {URLSearchParams} query */
function authorize(query) {
  const code = opaque();
  const redirectUri = query.get('redirect_uri') ?? '';
  codes.set(code, { redirectUri, challenge: query.get('code_challenge') });
  const back = new URL(redirectUri);
  back.searchParams.set('code', code);
  back.searchParams.set('state', query.get('state') ?? '');
  return { status: 302, location: back.href };
}

/** @param {URLSearchParams} form */
function redeem(form) {
  const given = codes.get(form.get('code'));
  codes.delete(form.get('code'));
  const challenge = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url');
  if (!given || given.redirectUri !== form.get('redirect_uri') || given.challenge !== challenge)
    return { status: 400, body: { error: 'invalid_grant' } };
  return { status: 200, body: issue({ ended: false }) };
}

/** @param {URLSearchParams} form */
function refresh(form) {
  const given = refreshTokens.get(form.get('refresh_token'));
  if (given?.spent) {
    reused += 1;
    given.grant.ended = true;
  }
  if (!given || given.grant.ended) return { status: 400, body: { error: 'invalid_grant' } };
  given.spent = true;
  return { status: 200, body: issue(given.grant) };
}

/** @param {URLSearchParams} form */
function token(form) {
  if (form.get('client_id') !== clientId || form.get('client_secret') !== clientSecret)
    return { status: 401, body: { error: 'invalid_client' } };
  if (form.get('grant_type') === 'authorization_code') return redeem(form);
  if (form.get('grant_type') === 'refresh_token') return refresh(form);
  return { status: 400, body: { error: 'unsupported_grant_type' } };
}

/** @param {URLSearchParams} form */
function revoke(form) {
  const given = refreshTokens.get(form.get('token'));
  if (given) given.grant.ended = true;
  return { status: 200, body: {} };
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {string} path
 */
function api(request, path) {
  const given = accessTokens.get(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]);
  if (!given || given.grant.ended || given.until < Date.now()) return { status: 401, body: { error: 'invalid_token' } };
  return { status: 200, body: { path, refresh_tokens_reused: reused } };
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @returns {Promise<{ status: number, location?: string, body?: object }>}
 */
async function answer(request) {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'https://id.acme.test');
  const form = new URLSearchParams(request.method === 'POST' ? await text(request) : '');
  if (pathname === '/authorize') return authorize(searchParams);
  if (pathname === '/token') return token(form);
  if (pathname === '/revoke') return revoke(form);
  if (pathname.startsWith('/api/')) return api(request, pathname);
  return { status: 404, body: {} };
}

createServer((request, response) => {
  answer(request).then(
    ({ status, location, body }) => {
      response.writeHead(status, { 'content-type': 'application/json', ...(location && { location }) });
      response.end(body && JSON.stringify(body));
    },
    () => response.writeHead(400).end(),
  );
}).listen(8080, '0.0.0.0');

process.on('SIGTERM', () => process.exit(0));
