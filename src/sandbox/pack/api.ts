import type { Request, RequestHandler, Response } from 'express';
import { faultAnswered } from '../control/faults.js';
import { rateCounter } from '../rate-limit.js';
import { isUsable, type Authorization, type Token } from '../state/authorizations.js';
import { people } from '../state/people.js';
import type { World } from '../state/world.js';
import { companiesOf } from './accounts.js';
import { answerOf, knownCalls } from './calls.js';
import { writtenValue, type Emulator } from './emulator.js';
import { put } from './json-place.js';
import { hasHeaders } from './wire.js';

/** The provider's API: who calls, whether it is too often, and the answers to the calls that the file names. */
export function packApi(world: World, emulator: Emulator): RequestHandler {
  const { id, file } = emulator;
  const calls = knownCalls(world, emulator);
  // A client that keeps to the limit is refused by nobody: calls for the account and the organizations come on top here.
  const limit = file.api?.limits?.per_minute ?? undefined;
  const count =
    limit === undefined ? undefined : rateCounter(world.clock, { limit: Math.ceil(limit * 1.2), window: 60 });
  return async (req, res) => {
    world.calls.count(id, 'api');
    res.set('Cache-Control', 'no-store');
    if (await faultAnswered(world, id, 'api_status', res)) return;
    const token = callerOf(world, emulator, req);
    if (!token) {
      rejectToken(emulator, res);
      return;
    }
    if (!hasHeaders(emulator, req, file.api?.headers)) return void res.status(400).json({ error: 'header_missing' });
    const rate = count?.(token.authorization.id);
    if (rate?.exceeded === true)
      return void res.status(429).set('Retry-After', rate.reset.toString()).json({ error: 'too_many_requests' });
    if (!isMember(emulator, token.authorization, req))
      return void res.status(file.organizations?.refusal_status?.[0] ?? 403).json({ error: 'no_such_organization' });
    const { method, path } = req;
    const answer = answerOf(
      calls,
      { method, path, body: req.body as unknown },
      token.authorization,
      world.clock.seconds(),
    );
    if (answer === undefined) res.status(404).json({ error: 'not_found' });
    else res.json(answer);
  };
}

/** The token of a call, if it stands where the file says and is usable. */
function callerOf(world: World, emulator: Emulator, req: Request): Token | undefined {
  const token = world.authorizations.access(tokenText(emulator, req));
  return isUsable(token, world.clock) && token.authorization.client.realm === emulator.realm ? token : undefined;
}

function tokenText(emulator: Emulator, req: Request): string | undefined {
  const { header, scheme, query, basic } = emulator.file.api?.token ?? {};
  if (query) return new URL(req.originalUrl, 'http://sandbox').searchParams.get(query) ?? undefined;
  if (basic != null) return basicKey(emulator, basic, req.get('authorization'));
  const name = header ?? 'Authorization';
  const prefix = scheme ?? (name.toLowerCase() === 'authorization' ? 'Bearer' : '');
  const value = req.get(name);
  if (prefix === '') return value;
  return value?.startsWith(`${prefix} `) === true ? value.slice(prefix.length + 1) : undefined;
}

/** The half of Basic that is the token, where the other half is as the file says. */
function basicKey(emulator: Emulator, basic: unknown, authorization: string | undefined): string | undefined {
  const encoded = /^Basic (\S+)$/.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const [user, password] = [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1)];
  const { user: wantedUser, password: wantedPassword } =
    basic === 'user'
      ? { user: 'key', password: '' }
      : basic === 'password'
        ? { user: '', password: 'key' }
        : (basic as { user?: unknown; password?: unknown });
  if (wantedUser === 'key') return writtenValue(emulator, wantedPassword) === password ? user : undefined;
  return writtenValue(emulator, wantedUser) === user ? password : undefined;
}

/** Whether the organization of this call is one of the person's; a call without one goes to the first. */
function isMember(emulator: Emulator, { person }: Authorization, req: Request): boolean {
  const { organizations } = emulator.file;
  const [someone] = people;
  const member = person ?? someone;
  const query = new URL(req.originalUrl, 'http://sandbox').searchParams;
  const named = organizations?.header
    ? req.get(organizations.header)
    : organizations?.parameter
      ? (query.get(organizations.parameter) ?? undefined)
      : undefined;
  return named === undefined || !member || companiesOf(emulator, member).some(({ id }) => id === named);
}

function rejectToken({ file }: Emulator, res: Response): void {
  const { auth_failure_status: statuses, auth_failure_body: inBody } = file.api ?? {};
  if (inBody) res.json(put({ ok: false }, inBody.pointer.replaceAll('/*', '/0'), inBody.values[0]));
  else res.status(statuses?.[0] ?? 401).json({ error: 'invalid_token' });
}
