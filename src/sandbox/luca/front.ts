import { randomBytes } from 'node:crypto';
import { dismissal, withQuery, type Front } from '../front.js';
import type { Locale } from '../pages/texts.js';
import type { WireParameters } from '../wire-parameters.js';
import type { World } from '../state/world.js';
import { asChoice, lucaCompanies } from './companies.js';

const realm = 'luca';

const permissions: Readonly<Record<Locale, string>> = {
  en: 'Read and change the accounting of the company',
  nb: 'Lese og endre regnskapet til selskapet',
};

export function lucaFront(world: World): Front {
  /** This generation knows no state; only a switch makes it repeat one. */
  const echoed = (state: string | undefined) => (world.switches.flag(realm, 'echo_state') ? state : undefined);
  return {
    provider: realm,
    realm,
    name: 'Luca Regnskap',
    authorizePath: '/api/v1/oauth2/authorize',
    codeLifetime: 600,
    newCode: () => randomBytes(32).toString('hex'),
    read: (query) => read(world, query),
    decide({ scopes, organisationNumber, locale = 'en' }, person) {
      const companies = lucaCompanies(person)
        .filter((company) => organisationNumber === undefined || company.organisationNumber === organisationNumber)
        .map(asChoice);
      return { kind: 'ask', scopes, permissions: [permissions[locale]], companies };
    },
    answer: ({ redirectUri, state }, code, scopes) =>
      withQuery(redirectUri, { code, scope: scopes.join(' '), state: echoed(state) }),
    denied: ({ redirectUri, state }) => withQuery(redirectUri, { state: echoed(state) }),
  };
}

function read(world: World, query: WireParameters): ReturnType<Front['read']> {
  const client = world.clients.find(realm, query.get('client_id'));
  const redirectUri = query.get('redirect_uri') ?? '';
  if (!client) return dismissal(400, 'Unknown application', 'There is no API application with this client id.');
  if (!client.redirectUris.includes(redirectUri))
    return dismissal(400, 'Wrong redirect URI', 'It must match the redirect URI of the API application exactly.');
  if (query.get('response_type') !== 'code')
    return dismissal(400, 'Wrong response type', 'Only response_type=code is supported.');
  if (query.get('scope') !== 'accounting')
    return dismissal(400, 'Wrong scope', 'The only scope is accounting, and it must be asked for.');
  return {
    kind: 'request',
    request: {
      client,
      redirectUri,
      scopes: ['accounting'],
      state: query.get('state'),
      locale: query.get('locale') === 'nb' ? 'nb' : 'en',
      organisationNumber: query.get('organisation_number'),
    },
  };
}
