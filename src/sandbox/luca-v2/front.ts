import { randomBytes } from 'node:crypto';
import { dismissal, withQuery, type AuthorizationRequest, type Front } from '../front.js';
import { asChoice, lucaCompanies } from '../luca/companies.js';
import { readChallenge } from '../pkce.js';
import type { WireParameters } from '../wire-parameters.js';
import type { World } from '../state/world.js';
import { issuerOf, realm, scopes as known } from './metadata.js';

const permissions: Readonly<Record<string, { en: string; nb: string }>> = {
  'accounting.read': { en: 'Read your accounting', nb: 'Lese regnskapet ditt' },
  'accounting.write': { en: 'Change your accounting', nb: 'Endre regnskapet ditt' },
};

type Target = Pick<AuthorizationRequest, 'redirectUri' | 'state'>;

export function lucaV2Front(world: World): Front {
  const answer = ({ redirectUri, state }: Target, values: Readonly<Record<string, string>>) =>
    withQuery(redirectUri, { ...values, state, iss: callbackIssuer(world) });
  return {
    provider: realm,
    realm,
    name: 'Luca Regnskap (new)',
    authorizePath: '/oauth/authorize',
    codeLifetime: 600,
    newCode: () => randomBytes(32).toString('base64url'),
    read: (query) => read(world, query, answer),
    decide({ scopes, organisationNumber, locale = 'en' }, person) {
      const companies = lucaCompanies(person)
        .filter((company) => organisationNumber === undefined || company.organisationNumber === organisationNumber)
        .map(asChoice);
      return {
        kind: 'ask',
        scopes,
        permissions: scopes.map((scope) => permissions[scope]?.[locale] ?? scope),
        companies,
      };
    },
    answer: (request, code) => answer(request, { code }),
    denied: (request) => answer(request, { error: 'access_denied', error_description: 'The person refused' }),
  };
}

function read(
  world: World,
  query: WireParameters,
  answer: (target: Target, values: Readonly<Record<string, string>>) => string,
): ReturnType<Front['read']> {
  const client = world.clients.find(realm, query.get('client_id'));
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!client) return dismissal(400, 'Unknown application', 'There is no application with this client id.');
  if (!client.redirectUris.includes(redirectUri))
    return dismissal(400, 'Wrong redirect URI', 'It must match the redirect URI of the application exactly.');
  const state = query.get('state');
  const refuse = (error: string, text: string) =>
    ({ kind: 'redirect', location: answer({ redirectUri, state }, { error, error_description: text }) }) as const;
  const wanted = query.list('scope');
  const scopes = wanted.length === 0 ? ['accounting.read'] : wanted;
  const challenge = readChallenge(query);
  if (query.doubled) return refuse('invalid_request', 'A parameter came more than once');
  if (query.get('response_type') !== 'code') return refuse('unsupported_response_type', 'Only code is supported');
  if (challenge === undefined || challenge === 'malformed' || challenge.method !== 'S256')
    return refuse('invalid_request', 'PKCE with S256 is required');
  if (!scopes.every((scope) => known.includes(scope))) return refuse('invalid_scope', 'Unknown scope');
  return {
    kind: 'request',
    request: {
      client,
      redirectUri,
      scopes,
      state,
      challenge,
      locale: query.get('locale') === 'nb' ? 'nb' : 'en',
      organisationNumber: query.get('organisation_number'),
    },
  };
}

/** RFC 9207. */
function callbackIssuer(world: World): string | undefined {
  const fault = world.switches.choice(realm, 'callback_iss');
  if (fault === 'missing') return undefined;
  return fault === 'wrong' ? 'https://issuer.example' : issuerOf(world);
}
