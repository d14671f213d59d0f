import { randomBytes } from 'node:crypto';
import type { Client } from '../state/clients.js';
import { dismissal, withQuery, type Front } from '../front.js';
import { readChallenge } from '../pkce.js';
import type { WireParameters } from '../wire-parameters.js';
import type { World } from '../state/world.js';

const realm = 'financefeast';

const permissions: Readonly<Record<string, string>> = {
  openid: 'Know who you are',
  profile: 'See your email address',
  plan: 'See which plan you have',
};

/** A client works only after somebody at Financefeast has approved it. */
export function isApproved(world: World, client: Client): boolean {
  return client.approved && !world.switches.flag(realm, 'approval_pending');
}

export function financefeastFront(world: World): Front {
  const nonces = new Set<string>();
  return {
    provider: realm,
    realm,
    name: 'Financefeast',
    authorizePath: '/oauth/authorize',
    codeLifetime: 300,
    newCode: () => randomBytes(36).toString('base64url'),
    read: (query) => read(world, query, nonces),
    decide: ({ scopes }) => ({ kind: 'ask', scopes, permissions: scopes.map((scope) => permissions[scope] ?? scope) }),
    answer: ({ redirectUri, state }, code) => withQuery(redirectUri, { code, state }),
    denied: ({ redirectUri, state }) => withQuery(redirectUri, { error: 'access_denied', state }),
  };
}

function read(world: World, query: WireParameters, nonces: Set<string>): ReturnType<Front['read']> {
  const client = world.clients.find(realm, query.get('client_id'));
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!client) return dismissal(400, 'invalid_client', 'There is no client with this id.');
  if (!isApproved(world, client))
    return dismissal(403, 'Awaiting approval', 'This client has not been approved and enabled by Financefeast yet.');
  if (!client.redirectUris.includes(redirectUri))
    return dismissal(400, 'invalid_request', 'The redirect URI is not on the list of this client.');
  const state = query.get('state');
  const refuse = (error: string, text: string) =>
    ({ kind: 'redirect', location: withQuery(redirectUri, { error, error_description: text, state }) }) as const;
  const scopes = query.list('scope');
  const nonce = query.get('nonce');
  const challenge = readChallenge(query);
  if (query.doubled || challenge === 'malformed') return refuse('invalid_request', 'A parameter is malformed');
  if (query.get('response_type') !== 'code') return refuse('unsupported_response_type', 'Only code is supported');
  if (scopes.length === 0 || !scopes.every((scope) => scope in permissions))
    return refuse('invalid_scope', 'The requested scope is invalid, unknown, or malformed');
  if (scopes.includes('openid') && world.switches.flag(realm, 'nonce_check')) {
    if (nonce === undefined) return refuse('invalid_request', 'Missing "nonce" in request');
    if (nonces.has(nonce)) return refuse('invalid_request', 'Replay attack');
    nonces.add(nonce);
  }
  return { kind: 'request', request: { client, redirectUri, scopes, state, nonce, challenge } };
}
