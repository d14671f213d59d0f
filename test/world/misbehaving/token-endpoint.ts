import type { IncomingMessage } from 'node:http';
import { jsonReply } from '../reply.js';
import type { Reply } from '../reply.js';
import { takeEndpointBend } from './discovery.js';
import { Refusal } from './grants.js';
import type { IssuedTokens } from './grants.js';
import { makeIdToken } from './id-token.js';
import { bentTokenAnswer, takeTokenBend } from './token-answer.js';
import type { TokenCall } from './token-answer.js';
import type { ServerState } from './state.js';

interface Credentials {
  authentication: TokenCall['authentication'];
  id: string | null;
  secret: string | null;
}

/** Client authentication (RFC 6749 section 2.3.1). */
function credentials(req: IncomingMessage, parameters: URLSearchParams): Credentials {
  const basic = /^Basic +(\S+)$/i.exec(req.headers.authorization ?? '')?.[1];
  if (basic !== undefined) {
    const [id = '', ...rest] = Buffer.from(basic, 'base64').toString().split(':');
    const decode = (text: string) => new URLSearchParams(`v=${text}`).get('v') ?? '';
    return { authentication: 'client_secret_basic', id: decode(id), secret: decode(rest.join(':')) };
  }
  const secret = parameters.get('client_secret');
  return { authentication: secret === null ? 'none' : 'client_secret_post', id: parameters.get('client_id'), secret };
}

/** A public client has the empty secret and sends none. */
function isClient({ options }: ServerState, { id, secret }: Credentials): boolean {
  return id === options.clientId && (secret ?? '') === options.clientSecret;
}

function issueTokens({ grants, options }: ServerState, parameters: URLSearchParams): IssuedTokens {
  switch (parameters.get('grant_type')) {
    case 'authorization_code':
      return grants.exchange(
        parameters.get('code') ?? '',
        parameters.get('redirect_uri'),
        parameters.get('code_verifier'),
      );
    case 'refresh_token':
      return grants.refresh(parameters.get('refresh_token') ?? '');
    case 'client_credentials':
      return grants.issue({ sub: options.clientId, scope: parameters.get('scope') ?? '', dead: false }, false);
    default:
      throw new Refusal('unsupported_grant_type', 'unknown grant_type');
  }
}

async function rightAnswer(
  state: ServerState,
  grantType: string,
  issued: IssuedTokens,
): Promise<Record<string, unknown>> {
  const { scope, sub } = issued.family;
  const { clientId, clientSecret, accessTokenLifetime } = state.options;
  const now = state.seconds();
  const nonce = issued.authorization?.nonce;
  const claims = { iss: state.issuer, sub, aud: clientId, iat: now, exp: now + 3600, ...(nonce ? { nonce } : {}) };
  const { email, name } = state.person;
  const withIdToken = scope.split(' ').includes('openid') && state.bend.withoutIdToken !== true;
  return {
    access_token: issued.accessToken,
    token_type: 'Bearer',
    expires_in: accessTokenLifetime,
    ...(scope ? { scope } : {}),
    ...(issued.refreshToken ? { refresh_token: issued.refreshToken } : {}),
    ...(withIdToken && {
      id_token: await makeIdToken(
        { ...claims, email, name },
        state.keys,
        { grantType, clientId, clientSecret, now },
        state.bend.idToken,
      ),
    }),
  };
}

/** The token endpoint (RFC 6749 section 3.2), right unless it is bent. */
export async function answerToken(
  state: ServerState,
  req: IncomingMessage,
  parameters: URLSearchParams,
): Promise<Reply> {
  const client = credentials(req, parameters);
  const grantType = parameters.get('grant_type') ?? '';
  const { authentication, id: clientId } = client;
  const call: TokenCall = { grantType, parameters, headers: req.headers, authentication, clientId };
  state.tokenCalls.push(call);
  const bend = takeTokenBend(state.bend.token, grantType);
  if (bend?.wait !== undefined) await waitFor(bend.wait);
  const replaced = typeof bend?.reply === 'function' ? bend.reply(call) : bend?.reply;
  if (replaced && bend?.spend !== true) return replaced;
  try {
    if (!isClient(state, client)) throw new Refusal('invalid_client', 'wrong client');
    const right = await rightAnswer(state, grantType, issueTokens(state, parameters));
    return replaced ?? bentTokenAnswer(right, bend);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    call.refusal = refusal.reason;
    return jsonReply({ error: refusal.error }, refusal.error === 'invalid_client' ? 401 : 400);
  }
}

async function waitFor(wait: number | Promise<unknown>): Promise<void> {
  await (typeof wait === 'number' ? new Promise((resolve) => setTimeout(resolve, wait)) : wait);
}

/** The revocation endpoint (RFC 7009 section 2): unknown tokens are a success, too. */
export function answerRevocation(state: ServerState, req: IncomingMessage, parameters: URLSearchParams): Reply {
  state.revocations.push(parameters);
  const bend = takeEndpointBend(state.bend.revocation);
  if (bend?.reply) return bend.reply;
  const client = credentials(req, parameters);
  if (!isClient(state, client)) return jsonReply({ error: 'invalid_client' }, 401);
  state.grants.revoke(parameters.get('token') ?? '', state.options.revocationEnds);
  return { status: 200 };
}
