import { randomBytes } from 'node:crypto';
import { dismissal, withQuery, type AuthorizationRequest, type Front } from '../front.js';
import { readChallenge } from '../pkce.js';
import type { WireParameters } from '../wire-parameters.js';
import type { World } from '../state/world.js';
import { realm } from './metadata.js';

const permissions: Readonly<Record<string, string>> = {
  openid: 'Know who you are',
  profile: 'See your name',
  email: 'See your email address',
  offline_access: 'Keep access while you are away',
  'user:read': 'List the organizations that you belong to',
};

export function requestFinanceFront(world: World): Front {
  return {
    provider: realm,
    realm,
    name: 'Request Finance',
    authorizePath: '/authorize',
    codeLifetime: 600,
    newCode: () => randomBytes(32).toString('base64url'),
    read: (query) => read(world, query),
    decide(request, person) {
      const before = world.consents.of(person.id, request.client.id);
      if (before && !request.prompt?.includes('consent'))
        return { kind: 'granted', scopes: request.scopes.filter((scope) => before.has(scope)) };
      return { kind: 'ask', scopes: request.scopes, permissions: request.scopes.map((one) => permissions[one] ?? one) };
    },
    allowed: ({ client }, person, scopes) => world.consents.remember(person.id, client.id, scopes),
    answer: (request, code) => answer(request, { code }),
    denied: (request) =>
      answer(request, { error: 'access_denied', error_description: 'User did not authorize the request' }),
    interactionRequired: (request, error) => answer(request, { error, error_description: 'Interaction is required' }),
  };
}

function read(world: World, query: WireParameters): ReturnType<Front['read']> {
  const client = world.clients.find(realm, query.get('client_id'));
  if (!client) return dismissal(403, 'Oops, something went wrong', 'Unknown client.');
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!client.redirectUris.includes(redirectUri))
    return dismissal(
      403,
      'Oops, something went wrong',
      'Callback URL mismatch: it is not in the list of this application.',
    );
  const state = query.get('state');
  const mode = query.get('response_mode') ?? 'query';
  const responseMode = mode === 'fragment' ? 'fragment' : 'query';
  const challenge = readChallenge(query);
  const wrong = problem(query, challenge === 'malformed', mode, client.grantTypes.includes('authorization_code'));
  if (wrong || challenge === 'malformed') {
    const [error, text] = wrong ?? ['invalid_request', 'The challenge is malformed'];
    const location = answer({ redirectUri, state, responseMode }, { error, error_description: text });
    return { kind: 'redirect', location };
  }
  return {
    kind: 'request',
    request: {
      client,
      redirectUri,
      scopes: query.list('scope').filter((scope) => scope in permissions),
      state,
      nonce: query.get('nonce'),
      challenge,
      audience: query.get('audience'),
      prompt: query.list('prompt'),
      responseMode,
    },
  };
}

function problem(
  query: WireParameters,
  challengeMalformed: boolean,
  mode: string,
  codeFlow: boolean,
): readonly [string, string] | undefined {
  if (query.doubled) return ['invalid_request', 'A parameter came more than once'];
  if (!codeFlow) return ['unauthorized_client', 'This application is for client credentials only'];
  if (query.get('response_type') !== 'code') return ['unsupported_response_type', 'Only the code flow is enabled'];
  if (mode !== 'query' && mode !== 'fragment') return ['invalid_request', 'This response_mode is not enabled'];
  if (query.get('nonce') === undefined) return ['invalid_request', 'A nonce is required'];
  if (challengeMalformed) return ['invalid_request', 'The challenge is malformed'];
  const audience = query.get('audience');
  if (audience !== undefined && audience !== 'accounts') return ['access_denied', 'Service not found'];
  return undefined;
}

function answer(
  { redirectUri, state, responseMode }: Pick<AuthorizationRequest, 'redirectUri' | 'state' | 'responseMode'>,
  values: Readonly<Record<string, string>>,
): string {
  const all = { ...values, state };
  return responseMode === 'fragment' ? `${redirectUri}#${withQuery('', all).slice(1)}` : withQuery(redirectUri, all);
}
