import type { World } from '../state/world.js';
import type { Authorization } from '../state/authorizations.js';
import { people } from '../state/people.js';
import { accountOf, companiesOf, withAccount, type Account } from './accounts.js';
import { placeOf, type Place } from './addresses.js';
import type { Emulator } from './emulator.js';
import type { EmulatedExample } from './emulated-file.js';
import { merge, put } from './json-place.js';
import { exampleAnswer } from './rows.js';

/** A call of the API that the file names, and what the provider answers to it. */
export interface KnownCall {
  readonly method: string;
  readonly place: Place;
  /** The GraphQL query that it is an answer to, where there are several at one path. */
  readonly query: string | undefined;
  readonly answer: (authorization: Authorization, now: number) => unknown;
}

/** Every call that the file names: for the account, the organizations, the variables, and the examples of the explorer. */
export function knownCalls(world: World, emulator: Emulator): KnownCall[] {
  const { file, profile } = emulator;
  const base = (file.api?.base_url ?? '').replace(/\/$/, '');
  const call = (path: string, answer: KnownCall['answer'], method?: string | null, body?: string): KnownCall => ({
    method: method ?? 'GET',
    place: placeOf(path.startsWith('/') ? `${base}${path}` : path, file.variables),
    query: queryOf(body),
    answer,
  });
  const own = (profile.answers ?? []).map(({ method, path, body }) =>
    call(path, (authorization) => withAccount(body, accountOf(emulator, authorization)), method),
  );
  const { account, organizations, api } = file;
  const found: KnownCall[] = [];
  if (account?.request && (account.source ?? 'api') === 'api')
    found.push(
      call(
        account.request.path,
        (one) => accountAnswer(emulator, accountOf(emulator, one)),
        account.request.method,
        account.request.body,
      ),
    );
  const userinfo = file.endpoints?.['userinfo'] ?? (file.protocol === 'oidc' ? `https://_/userinfo` : undefined);
  if (userinfo) found.push(call(userinfo, (one) => claimsOf(emulator, accountOf(emulator, one))));
  if (organizations)
    found.push(
      call(
        organizations.request.path,
        (one) => organizationsAnswer(emulator, one),
        organizations.request.method,
        organizations.request.body,
      ),
    );
  for (const variable of Object.values(file.variables ?? {})) {
    const address = variable?.address ?? variable?.request?.path;
    if (variable?.from !== 'request' || !address) continue;
    const { pointer, origin_within: isOrigin } = variable;
    found.push(
      call(address, (one) => put(undefined, pointer ?? '', isOrigin ? world.internalUrl : accountOf(emulator, one).id)),
    );
  }
  for (const example of api?.examples ?? []) found.push(...exampleCalls(emulator, example, call));
  if (api?.auth_probe) found.push(call(api.auth_probe.path, () => ({ ok: true }), api.auth_probe.method));
  return [...own, ...found];
}

/** What the known calls at this place answer together; undefined where there is none. */
export function answerOf(
  calls: readonly KnownCall[],
  { method, path, body }: { method: string; path: string; body: unknown },
  authorization: Authorization,
  now: number,
): unknown {
  const asked = typeof body === 'object' && body !== null ? (body as { query?: unknown }).query : undefined;
  const query = typeof asked === 'string' ? plain(asked) : undefined;
  return calls
    .filter((one) => one.method === method && one.place(path) !== undefined)
    .filter((one) => one.query === undefined || one.query === query)
    .map((one) => one.answer(authorization, now))
    .reduce<unknown>((all, one) => (all === undefined ? one : merge(one, all)), undefined);
}

function exampleCalls(
  emulator: Emulator,
  example: EmulatedExample,
  call: (path: string, answer: KnownCall['answer'], method?: string | null, body?: string) => KnownCall,
): KnownCall[] {
  const looked = Object.values(example.look_up ?? {}).map(({ path, value }) =>
    call(path, () => put(undefined, value, '4711')),
  );
  const rows = call(
    example.path,
    (one, now) => exampleAnswer(example, accountOf(emulator, one).id, now),
    example.method,
    example.body,
  );
  return [...looked, rows];
}

function accountAnswer({ file }: Emulator, account: Account): unknown {
  const { subject = 'sub', label, pointer } = file.account ?? {};
  const [first] = label ?? ['email'];
  const name =
    first === undefined ? {} : put({}, pointerOf(first), first.includes('mail') ? account.email : account.name);
  return put(undefined, pointer ?? '', put(name, pointerOf(subject ?? 'sub'), account.id));
}

function claimsOf({ file }: Emulator, account: Account): Record<string, string> {
  const { id, name, email } = account;
  return { sub: id, name, email, [file.account?.subject ?? 'sub']: id };
}

function organizationsAnswer(emulator: Emulator, { person }: Authorization): unknown {
  const { organizations } = emulator.file;
  const [someone] = people;
  const member = person ?? someone;
  if (!organizations || !member) return undefined;
  const [first = 'name'] = organizations.name;
  const list = companiesOf(emulator, member).map(({ id, name }) =>
    put(put({}, pointerOf(first), name), pointerOf(organizations.id), id),
  );
  return put(undefined, organizations.pointer ?? '', list);
}

/** A member by its name, or by a pointer. */
function pointerOf(member: string): string {
  return member.startsWith('/') ? member : `/${member}`;
}

function queryOf(body: string | undefined): string | undefined {
  if (body === undefined) return undefined;
  try {
    const { query } = JSON.parse(body) as { query?: unknown };
    return typeof query === 'string' ? plain(query) : undefined;
  } catch {
    return undefined;
  }
}

function plain(query: string): string {
  return query.replaceAll(/\s+/g, ' ').trim();
}
