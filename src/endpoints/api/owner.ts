import type { Request, RequestHandler, Response } from 'express';
import type { Addresses } from '../../config/addresses.js';
import { compact } from '../../compact.js';
import { GatehouseError } from '../../errors.js';
import { redirect } from '../../http/redirect.js';
import { currentSession } from '../../middleware/session.js';
import { enterSession } from '../../middleware/standing.js';
import type { Services } from '../../services.js';
import { nonceLifeSeconds } from '../../sessions/owners/nonces.js';
import { readOwnerAssertion, type AssertedOwner } from '../../sessions/owner-assertion.js';
import { newSessionId, type SessionId } from '../../sessions/session-id.js';
import type { Session } from '../../sessions/session-record.js';
import { earlierConnections, keepConnections } from '../connect/earlier-connections.js';
import { bodyParameters, single } from '../request/parameters.js';
import { checkedReturnTo } from '../request/return-to.js';
import { endSession } from './logout.js';
import { sessionBody } from './session.js';

/** Responds 404 before a body is read where sessions have no owners. */
export function ownersOnly({ configuration }: Pick<Services, 'configuration'>): RequestHandler {
  return (_req, _res, next) => {
    if (!configuration.owner) throw ownersAreOff();
    next();
  };
}

/** POST /api/session/nonce — a nonce of this browser, which the application's next assertion must carry. */
export function makeNonce({ nonces }: Services): RequestHandler {
  return (req, res) => {
    const { nonce, setCookie } = nonces.make(req.headers.cookie);
    if (setCookie !== undefined) res.append('Set-Cookie', setCookie);
    res.json({ nonce, expires_in: nonceLifeSeconds });
  };
}

/** PUT /api/session/owner — binds the session to the embedding application's user. */
export function bindOwner(services: Services): RequestHandler {
  return async (req, res) => {
    const body: unknown = req.body;
    const assertion = typeof body === 'object' && body !== null && 'assertion' in body ? body.assertion : undefined;
    if (typeof assertion !== 'string') throw new GatehouseError('invalid_request', 'Send {"assertion": "<JWT>"}.');
    await bind(services, req, res, assertion);
    res.json(await sessionBody(services, req));
  };
}

/** POST /session/owner — the same from a form of the application, which leads on to return_to. */
export function bindOwnerByForm(services: Services & { addresses: Addresses }): RequestHandler {
  const { configuration, addresses } = services;
  return async (req, res) => {
    const parameters = bodyParameters(req);
    const returnTo = checkedReturnTo(configuration, parameters) ?? addresses.home;
    const assertion = single(parameters, 'assertion');
    if (assertion === undefined) throw new GatehouseError('invalid_request', 'The form has no field assertion.');
    await bind(services, req, res, assertion);
    const isAsked = (await earlierConnections(services, req)) !== undefined;
    const question = `${addresses.of('/session/keep')}?${new URLSearchParams({ return_to: returnTo }).toString()}`;
    redirect(res, 303, isAsked ? question : returnTo);
  };
}

async function bind(services: Services, req: Request, res: Response, assertion: string): Promise<void> {
  const { configuration, keys, store, nonces, now } = services;
  if (!configuration.owner) throw ownersAreOff();
  const takeNonce = (nonce: unknown) => nonces.take(req.headers.cookie, nonce);
  const rules = configuration.ownership ? { takeNonce } : undefined;
  const asserted = await readOwnerAssertion({ owner: configuration.owner, keys, store, now }, assertion, rules);
  if (configuration.ownership) await bindPerson(services, req, res, asserted);
  else await bindSession(services, req, res, { owner: asserted.name });
}

/** Connections belong to the person: the session is theirs for a while, and what they connected before is there. */
async function bindPerson(
  services: Services,
  req: Request,
  res: Response,
  { name, label }: AssertedOwner,
): Promise<void> {
  const { owners, ownerSlots, now } = services;
  const owner = { kind: 'assertion' as const, name };
  const slot = await ownerSlots.of(owner);
  const record = await owners.ensure(slot, owner);
  const person = { owner, since: now(), epoch: record.epoch, ...compact({ label }) };
  // The application bound this session before connections belonged to people: what is connected in it is theirs.
  const before = currentSession(req)?.session;
  const isTheirs = before?.person === undefined && before?.owner === name;
  await bindSession(services, req, res, { owner: slot, person }, isTheirs);
  const earlier = isTheirs ? await earlierConnections(services, req) : undefined;
  if (earlier) await keepConnections(services, earlier, () => true);
}

/**
 * Another owner than before ends the old session first, with everything that was started in it, and with what is connected in it
 * where that belongs to the session: the next person inherits nothing.
 */
async function bindSession(
  services: Services,
  req: Request,
  res: Response,
  named: Pick<Session, 'owner' | 'person'>,
  isTheirs = false,
): Promise<void> {
  const { sessions, log, now } = services;
  const current = currentSession(req);
  const before = current?.session.owner;
  if (current && before === named.owner && !named.person) return;
  if (current && (isTheirs || before === undefined || before === named.owner)) {
    const session: Session = { ...current.session, ...named, rotatedAt: now() };
    await list(services, named, current.id);
    const id = await sessions.rotate(current.id, session);
    if (!id) throw new GatehouseError('login_required', 'The session ended meanwhile. Send a new assertion.');
    await enterSession(req, services, id, session);
  } else {
    await endSession(services, req, res);
    const session: Session = { createdAt: now(), rotatedAt: now(), ...named };
    const id = newSessionId();
    await list(services, named, id);
    await sessions.create(id, session);
    await enterSession(req, services, id, session);
  }
  log.audit('session.owner_bound', { slot: currentSession(req)?.id.browserId, owner: named.owner, trace: res.locals });
}

/** A person's sessions can be found and ended. */
async function list({ signedIn }: Services, { owner, person }: Pick<Session, 'owner' | 'person'>, id: SessionId) {
  if (owner !== undefined && person) await signedIn.add(owner, person, id.browserId);
}

function ownersAreOff(): GatehouseError {
  return new GatehouseError(
    'not_found',
    'Sessions have no owners here. Set OWNER_JWKS_URL or OWNER_SECRET to turn them on.',
  );
}
