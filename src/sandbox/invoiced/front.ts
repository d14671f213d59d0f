import { randomBytes } from 'node:crypto';
import { dismissal, withQuery, type Front } from '../front.js';
import { readChallenge } from '../pkce.js';
import type { WireParameters } from '../wire-parameters.js';
import type { World } from '../state/world.js';
import { companiesOf } from './companies.js';
import { realmOf, type InvoicedEnvironment } from './environment.js';

const permissions: Readonly<Record<string, string>> = {
  read: 'Read your customers and invoices',
  read_write: 'Read and change your customers and invoices',
};

export function invoicedFront(world: World, environment: InvoicedEnvironment): Front {
  const realm = realmOf(environment);
  return {
    provider: 'invoiced',
    realm,
    name: 'Invoiced',
    authorizePath: '/oauth/authorize',
    codeLifetime: 600,
    newCode: () => encryptedLooking(),
    read: (query) => read(world, realm, query),
    decide({ scopes }, person) {
      const companies = companiesOf(person, environment);
      if (companies.length === 0)
        return dismissal(400, 'No company', 'You are not a member of any company, so there is nothing to connect.');
      return { kind: 'ask', scopes, permissions: scopes.map((scope) => permissions[scope] ?? scope), companies };
    },
    answer: ({ redirectUri, state }, code) => withQuery(redirectUri, { code, state }),
    /** Neither `error` nor `code`, and always a bare question mark: that is how this server refuses. */
    denied: ({ redirectUri, state }) =>
      `${redirectUri}${withQuery('', {
        state,
        error_description: 'The resource owner or authorization server denied the request.',
      })}`,
  };
}

/** As the League server's codes and refresh tokens look: encrypted, in hexadecimal, with a fixed beginning. */
export function encryptedLooking(): string {
  return `def50200${randomBytes(240).toString('hex')}`;
}

function read(world: World, realm: string, query: WireParameters): ReturnType<Front['read']> {
  const client = world.clients.find(realm, query.get('client_id'));
  const challenge = readChallenge(query);
  const redirectUri = query.get('redirect_uri') ?? client?.redirectUris[0] ?? '';
  const scopes = query.list('scope');
  if (!client) return invalid('Client authentication failed');
  if (!client.redirectUris.includes(redirectUri)) return invalid('The redirect URI is not the registered one.');
  if (query.get('response_type') !== 'code')
    return invalid('The authorization grant type is not supported by the authorization server.');
  if (scopes.length === 0 || !scopes.every((scope) => scope in permissions))
    return invalid('The requested scope is invalid, unknown, or malformed');
  if (query.doubled || challenge === 'malformed')
    return invalid('The request is missing a required parameter, or is otherwise malformed.');
  return { kind: 'request', request: { client, redirectUri, scopes, state: query.get('state'), challenge } };
}

function invalid(text: string) {
  return dismissal(400, 'Invalid authorization request', text);
}
