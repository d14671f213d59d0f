import { createHmac, randomBytes } from 'node:crypto';
import { dismissal, withQuery, type AuthorizationRequest, type Front } from '../front.js';
import { readChallenge } from '../pkce.js';
import type { Authorization } from '../state/authorizations.js';
import type { World } from '../state/world.js';
import type { WireParameters } from '../wire-parameters.js';
import { accountOf, choosesCompany, companiesOf, withAccount, type Account } from './accounts.js';
import { placeOf } from './addresses.js';
import type { Emulator } from './emulator.js';

/** The authorization server of one provider, in front of a person. */
export function packFront(world: World, emulator: Emulator): Front {
  const { id, name, realm, file } = emulator;
  const codeName = file.authorization?.response?.['code'] ?? 'code';
  return {
    provider: id,
    realm,
    name,
    authorizePath: /^(?!\/(?:interaction|sign-in|consent)$).+/,
    codeLifetime: 600,
    newCode: () => randomBytes(24).toString('base64url'),
    read: (query, path) => read(world, emulator, query, path),
    decide({ scopes }, person) {
      const companies = choosesCompany(emulator) ? companiesOf(emulator, person) : undefined;
      if (companies?.length === 0)
        return dismissal(400, 'No company', 'You are not a member of any company, so there is nothing to connect.');
      const permissions = scopes.length > 0 ? [...scopes] : ['Read and change your data'];
      return {
        ...{ kind: 'ask', scopes, permissions },
        ...(companies && {
          companies: companies.map(({ id: key, name: label }) => ({ id: key, name: label, detail: key })),
        }),
      };
    },
    answer: (request, code, _scopes, authorization) =>
      signed(emulator, request, {
        [codeName]: code,
        ...stateOf(emulator, request),
        ...callbackValues(emulator, request, authorization),
      }),
    denied: (request) => {
      const error = file.authorization?.errors?.denied?.[0] ?? 'access_denied';
      return signed(emulator, request, { error, ...stateOf(emulator, request) });
    },
  };
}

type Parameters = Readonly<Record<string, string | undefined>>;

function stateOf({ file }: Emulator, { state }: AuthorizationRequest): Parameters {
  return file.authorization?.state === 'not_echoed' ? {} : { state };
}

/** What the provider says of the account in the callback. */
function callbackValues(
  emulator: Emulator,
  { values = {} }: AuthorizationRequest,
  authorization: Authorization,
): Parameters {
  const { file, profile } = emulator;
  const account: Account = accountOf(emulator, authorization);
  const said = Object.entries(file.variables ?? {}).flatMap(([name, variable]) => {
    if (variable?.from === 'callback' && variable.parameter) {
      const [listed] = Object.keys(variable.values ?? {});
      return [[variable.parameter, listed ?? account.id]];
    }
    const own = values[name];
    if (!variable?.callback || own === undefined) return [];
    return [[variable.callback.parameter, (variable.callback.is ?? `{${name}}`).replace(`{${name}}`, own)]];
  });
  return { ...(Object.fromEntries(said) as Parameters), ...withAccount(profile.callback_parameters ?? {}, account) };
}

/** The callback; where the file says that it is signed, with the signature over its other parameters in order. */
function signed({ file }: Emulator, { redirectUri, client }: AuthorizationRequest, parameters: Parameters): string {
  if (file.callback?.hmac == null) return withQuery(redirectUri, parameters);
  const stamped: Parameters = { ...parameters, timestamp: Math.floor(Date.now() / 1000).toString() };
  const message = Object.entries(stamped)
    .filter(([, value]) => value !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}=${value ?? ''}`)
    .join('&');
  const hmac = createHmac('sha256', client.secret ?? '')
    .update(message)
    .digest('hex');
  return withQuery(redirectUri, { ...stamped, hmac });
}

function read(world: World, emulator: Emulator, query: WireParameters, path: string): ReturnType<Front['read']> {
  const { file, realm } = emulator;
  const { names, parameters, reconsent, another, response_type: responseType } = file.authorization ?? {};
  const place = placeOf(file.endpoints?.['authorization'] ?? 'https://_/authorize', file.variables);
  const values = place(path);
  const get = (name: string) => query.get(names?.[name] ?? name);
  const client = world.clients.find(realm, get('client_id'));
  const challenge = readChallenge(query);
  const redirectUri = get('redirect_uri') ?? '';
  const scopes = (get('scope') ?? '')
    .split(file.scope_separator === 'comma' ? /[\s,]+/ : /\s+/)
    .filter((one) => one !== '');
  const missing = Object.entries(parameters ?? {}).filter(
    ([name, value]) => value !== null && !(name in { ...reconsent, ...another }) && !isFilled(value, query.get(name)),
  );
  if (!values) return invalid('There is no such page.', 404);
  if (!client) return invalid('The client is not known.');
  if (!client.redirectUris.includes(redirectUri)) return invalid('The redirect URI is not the registered one.');
  if (get('response_type') !== (responseType ?? 'code')) return invalid('The response type is not supported.');
  if (missing.length > 0) return invalid(`The parameter ${missing[0]?.[0] ?? ''} is missing.`);
  if (query.doubled || challenge === 'malformed') return invalid('The request is malformed.');
  const nonce = query.get('nonce');
  return {
    kind: 'request',
    request: { client, redirectUri, scopes, state: query.get('state'), nonce, challenge, values },
  };
}

/** A fixed value is compared; one with a placeholder only has to be there. */
function isFilled(written: string, given: string | undefined): boolean {
  return written.includes('{') ? given !== undefined : given === written;
}

function invalid(text: string, status = 400) {
  return dismissal(status, 'Invalid authorization request', text);
}
