import type { Request, RequestHandler } from 'express';
import type { Token } from '../state/authorizations.js';
import type { World } from '../state/world.js';
import { accountOf } from './accounts.js';
import { placeOf, templatePattern } from './addresses.js';
import { writtenValue, type Emulator } from './emulator.js';
import { parametersOf, provenClient } from './wire.js';

/** Whether this request goes where the provider ends tokens, with its method. */
export function isRevocation({ file }: Emulator, method: string, path: string): boolean {
  const { request, token } = file.revocation ?? {};
  const endpoint = file.endpoints?.['revocation'] ?? (file.protocol === 'oidc' ? 'https://_/revoke' : undefined);
  const base = endpoint ?? (request?.path ? file.api?.base_url : undefined);
  if (token === 'off' || !base || method !== (request?.method ?? 'POST')) return false;
  const [below] = (request?.path ?? '').split('?');
  return placeOf(`${base.replace(/\/$/, '')}${below ?? ''}`, file.variables)(path) !== undefined;
}

/** Ends a token, or the grant, when it is asked as the file says (RFC 7009, or what the provider has instead). */
export function revoke(world: World, emulator: Emulator): RequestHandler {
  const { id, file } = emulator;
  const { request, ends, client_authentication: authentication } = file.revocation ?? {};
  return (req, res) => {
    world.calls.count(id, 'revoke');
    const isBare = req.method === 'GET' || req.method === 'DELETE';
    const parameters = parametersOf(req, request?.format ?? (isBare ? 'query' : 'form'));
    const proves = authentication !== false && file.endpoints?.['revocation'] != null;
    if (!parameters || (proves && !isProven(world, emulator, req, parameters))) {
      res
        .status(proves && parameters ? 401 : 400)
        .json({ error: proves && parameters ? 'invalid_client' : 'invalid_request' });
      return;
    }
    const token = tokenOf(world, emulator, req, parameters);
    // RFC 7009 section 2.2 has 200 for a token that nobody knows. Here a client is to notice that it sent a wrong one.
    if (!token) {
      res.status(400).json({ error: 'invalid_request' });
      return;
    }
    if (ends === 'token') token.alive = false;
    else token.authorization.alive = false;
    world.log('revoke', { provider: id, status: 200 });
    res.json({ success: true });
  };
}

function isProven(world: World, emulator: Emulator, req: Request, parameters: ReadonlyMap<string, string>): boolean {
  const rule = emulator.file.revocation?.client_authentication;
  if (typeof rule !== 'object' || rule === null) {
    const method = typeof rule === 'string' ? rule : undefined;
    return provenClient(world, emulator, req, parameters, method) !== undefined;
  }
  const shown = req.get('authorization');
  return world.clients
    .all()
    .some(({ realm, secret }) => realm === emulator.realm && shown === `${rule.scheme} ${secret ?? ''}`);
}

/** The token that the request names, in the place that the file says. */
function tokenOf(
  world: World,
  emulator: Emulator,
  req: Request,
  parameters: ReadonlyMap<string, string>,
): Token | undefined {
  const { request } = emulator.file.revocation ?? {};
  const known = (value: string | undefined) =>
    world.authorizations.refresh(value) ?? world.authorizations.access(value);
  const places: [string, string | undefined][] = [
    ...Object.entries(request?.parameters ?? { token: '{token}' }).map(
      ([name, written]): [string, string | undefined] => [written ?? '', parameters.get(name)],
    ),
    ...Object.entries(request?.headers ?? {}).map(([name, written]): [string, string | undefined] => [
      writtenValue(emulator, written) ?? '',
      req.get(name),
    ]),
    [request?.path ?? '', req.path],
  ];
  const named = places.flatMap(([written, given]) => {
    const [template = ''] = written.split('?');
    const value = new RegExp(`${templatePattern(template)}$`).exec(given ?? '')?.groups?.['token'];
    return value === undefined ? [] : [decodeURIComponent(value)];
  });
  const direct = named
    .map(known)
    .find((token) => token?.alive === true && token.authorization.client.realm === emulator.realm);
  return direct ?? bearerOf(emulator, req, known) ?? ofAccount(world, emulator, places);
}

/** A call to the API that the access token itself authorizes. */
function bearerOf({ file }: Emulator, req: Request, known: (value: string | undefined) => Token | undefined) {
  if (file.endpoints?.['revocation'] != null) return undefined;
  const { header = 'Authorization' } = file.api?.token ?? {};
  return known(req.get(header ?? 'Authorization')?.replace(/^\S+ /, ''));
}

/** Where the account is named and not a token, such as the account that ends its link with an application. */
function ofAccount(
  world: World,
  emulator: Emulator,
  places: readonly (readonly [string, string | undefined])[],
): Token | undefined {
  const variables = new Set(Object.keys(emulator.file.variables ?? {}));
  const named = places.find(([written]) => variables.has(/^\{(\w+)\}$/.exec(written)?.[1] ?? ''))?.[1];
  const authorization = world.authorizations
    .all()
    .find((one) => one.alive && one.client.realm === emulator.realm && accountOf(emulator, one).id === named);
  return authorization && world.authorizations.accessOf(authorization)[0];
}
