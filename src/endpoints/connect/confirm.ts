import { createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { isSameAccount, type Connection } from '../../connections/connection.js';
import type { StoredConnection } from '../../connections/connection-store.js';
import { freeCell, livingAt, meantBy, type Held } from '../../connections/held-connections.js';
import { storeOver } from '../../connections/new-connection.js';
import { compact } from '../../compact.js';
import { GatehouseError } from '../../errors.js';
import { acceptsJson } from '../../middleware/accepts.js';
import { currentSession } from '../../middleware/session.js';
import { currentHolder } from '../../middleware/standing.js';
import type { Provider } from '../../providers/provider.js';
import type { Services } from '../../services.js';
import { candidateKey, connectionKey, pauseKey } from '../../store/keys.js';
import { redirect } from '../../http/redirect.js';
import { connectableProvider } from '../request/offered-provider.js';
import type { Guard, Write } from '../../store/store.js';
import type { Addresses } from '../../config/addresses.js';
import { wayBack } from './ask-organization.js';
import type { Pages } from '../request/pages.js';
import { sendPopupOutcome } from './popup.js';
import { twinOf } from './store-connection.js';
import { refuseTooMany } from './target.js';
import { bodyParameters, single } from '../request/parameters.js';
import { withOutcome } from '../request/return-to.js';

type Dependencies = Services & { pages: Pages; addresses: Addresses };

/** GET /connect/:provider/confirm — names the account before it is stored; as JSON to a program that accepts it. */
export function confirmPage(services: Dependencies): RequestHandler {
  return async (req, res) => {
    const provider = connectableProvider(services.registry, req.params['provider']);
    const { candidate, sealed, reconnected, isFull } = await waiting(services, req, provider);
    const existing = reconnected?.connection;
    res.vary('Accept');
    if (acceptsJson(req)) {
      const replaces = existing && !isSameAccount(existing, candidate.connection, provider);
      res.json({
        provider: provider.id,
        connection: reconnected?.id ?? null,
        account: accountBody(candidate.connection),
        replaces: replaces ? accountBody(existing) : null,
        waits: nameOf(sealed),
      });
      return;
    }
    const beside = { connection: existing, addable: !isFull };
    res.type('html').send(services.pages.confirm(req, res, provider, candidate.connection, beside, nameOf(sealed)));
  };
}

const decisions = { confirm: store, add: store, cancel: drop };

/** POST /connect/:provider/confirm — stores it, with `decision=add` as another one, or with `decision=cancel` drops it. */
export function confirm(services: Dependencies): RequestHandler {
  const { registry } = services;
  return async (req, res) => {
    const provider = connectableProvider(registry, req.params['provider']);
    const parameters = bodyParameters(req);
    const decision = single(parameters, 'decision') ?? 'confirm';
    if (!isDecision(decision))
      throw new GatehouseError('invalid_request', 'The decision is confirm, add or cancel.', provider.id);
    const found = await waiting(services, req, provider);
    // A form confirms what its page named, and not what another tab has brought since.
    const waits = single(parameters, 'waits') ?? (req.headers['x-csrf'] === '1' ? nameOf(found.sealed) : undefined);
    if (waits !== nameOf(found.sealed)) throw replacedMeanwhile(provider);
    const outcome = await decisions[decision](services, { res, provider, adds: decision === 'add', ...found });
    const back = withOutcome(found.candidate.returnTo, outcome);
    const location = decision === 'cancel' ? back : await wayBack(services, req, provider, back);
    sendPopupOutcome(services, req, res, back);
    redirect(res, 303, location);
  };
}

function isDecision(decision: string): decision is keyof typeof decisions {
  return Object.hasOwn(decisions, decision);
}

/** What waits in a session, and whose decision it is. */
interface Decision extends Awaited<ReturnType<typeof waiting>> {
  res: Response;
  provider: Provider;
  /** As another connection, beside the one that the sign-in was for. */
  adds: boolean;
}

const maxTries = 20;

/** The replaced connection's grant ends where the accounts are two for certain, and where that ends nothing that lives. */
async function store(services: Dependencies, decision: Decision): Promise<Record<string, string>> {
  const { revoker, log } = services;
  const { provider, candidate, holder } = decision;
  for (let tries = 0; tries < maxTries; tries += 1) {
    const held = await services.held.read(holder.slot);
    const place = placeIn(services, held, decision);
    const isStored = await storeIn(services, decision, held, place);
    if (!isStored && (await services.store.commit([services.held.unchanged(held)], []))) throw nothingWaiting(provider);
    if (!isStored) continue;
    const replaced = place.reconnected?.connection;
    const isOther = replaced !== undefined && isAnotherAccount(replaced, candidate.connection);
    const living = livingAt(held, provider).filter((each) => each !== replaced);
    const revocation = isOther
      ? await revoker.release(provider, replaced, [candidate.connection, ...living])
      : undefined;
    log.audit('connection.stored', actorOf(decision), compact({ provider: provider.id, revocation }));
    return { connected: provider.id, connection: place.id };
  }
  throw nothingWaiting(provider);
}

/** Where the confirmed connection goes: over the one of its very account, over the one it was for, or beside them. */
interface Place {
  id: string;
  cell: string;
  reconnected?: StoredConnection | undefined;
}

function placeIn({ configuration }: Dependencies, held: Held, { provider, candidate, adds }: Decision): Place {
  const { connection, reconnects } = candidate;
  const there = meantBy(held, { provider });
  const meant = adds || reconnects === undefined ? undefined : there.find(({ id }) => id === reconnects);
  const reconnected = twinOf(held, provider, connection) ?? meant;
  if (reconnected) return { id: reconnected.id, cell: reconnected.cell, reconnected };
  refuseTooMany(held, provider, configuration.connectionsPerHolder);
  return { id: connection.id, cell: freeCell(held, provider.id, connection.id) };
}

/** False: what waits is gone, or something else came or went meanwhile. */
function storeIn(
  services: Dependencies,
  decision: Decision,
  held: Held,
  { id, cell, reconnected }: Place,
): Promise<boolean> {
  const { connections } = services;
  const { candidate, holder } = decision;
  const key = connectionKey(holder.slot, cell);
  const areUnnamed = reconnected?.connection && isUnnamed(reconnected.connection) && isUnnamed(candidate.connection);
  const connection = { ...candidate.connection, id, ...(areUnnamed ? { unnamed: true as const } : {}) };
  const index = services.held.change(holder, held, { added: { id, cell } });
  return storeOver(services, holder.slot, cell, connection, (merged) =>
    take(
      services,
      decision,
      [
        { key, value: connections.seal(key, merged), ttlMs: holder.ttlMs() },
        { key: pauseKey(holder.slot, cell), delete: true },
        index.write,
      ],
      [index.guard],
    ),
  );
}

function isUnnamed({ account }: Connection): boolean {
  return account.subject === undefined;
}

/** Whether both name their accounts, and differ. */
function isAnotherAccount({ account: one }: Connection, { account: other }: Connection): boolean {
  return one.subject !== undefined && other.subject !== undefined && one.subject !== other.subject;
}

async function drop(services: Dependencies, decision: Decision): Promise<Record<string, string>> {
  const { revoker, log } = services;
  const { res, provider, holder, candidate } = decision;
  const held = await services.held.read(holder.slot);
  if (!(await take(services, decision, []))) throw nothingWaiting(provider);
  const revocation = await revoker.release(provider, candidate.connection, livingAt(held, provider));
  log.audit('connection.declined', actorOf(decision), { provider: provider.id, outcome: 'cancelled', revocation });
  return { connect_error: 'access_denied', request_id: res.locals.requestId };
}

/** Takes the candidate away together with these writes. False: it is gone, the session is, or a guard does not hold. */
function take(
  { sessions, store: records }: Dependencies,
  { session, holder, provider, sealed }: Decision,
  writes: readonly Write[],
  guards: readonly Guard[] = [],
): Promise<boolean> {
  const { browserId } = session.id;
  const key = candidateKey(holder.slot, provider.id);
  const all: Write[] = [...writes, { key, delete: true }];
  if (holder.slot !== browserId) return records.commit([{ key, equals: sealed }, ...holder.guards, ...guards], all);
  return sessions.writeIfLive(browserId, session.session.owner, all, [{ key, equals: sealed }, ...guards]);
}

function actorOf({ session, res }: Decision) {
  return { slot: session.id.browserId, owner: session.session.owner, trace: res.locals };
}

function accountBody({ account: { subject, label } }: Connection) {
  return { subject: subject ?? null, label: label ?? null };
}

async function waiting({ candidates, held, configuration }: Dependencies, req: Request, provider: Provider) {
  const session = currentSession(req);
  const holder = currentHolder(req);
  const found = holder && (await candidates.read(holder.slot, provider.id));
  if (!session || !found) throw nothingWaiting(provider);
  // What was begun under one owner is never finished under another. Release 0.2 does not write the owner.
  const { owner, browser } = found.candidate;
  if (browser !== undefined && browser !== session.id.browserId) throw nothingWaiting(provider);
  if (owner !== undefined && owner !== (session.session.owner ?? null)) throw nothingWaiting(provider);
  const all = await held.read(holder.slot);
  const reconnected = meantBy(all, { provider }).find(({ id }) => id === found.candidate.reconnects);
  const isFull = all.connections.length >= configuration.connectionsPerHolder;
  return { session, holder, reconnected, isFull, ...found };
}

/** A name for the waiting token set that tells nothing of it. */
function nameOf(sealed: Buffer): string {
  return createHash('sha256').update(sealed).digest('base64url').slice(0, 22);
}

function replacedMeanwhile(provider: Provider): GatehouseError {
  return new GatehouseError(
    'state_unknown',
    'Another account waits for confirmation than the one that this page named. Nothing was stored; open the confirmation again.',
    provider.id,
  );
}

function nothingWaiting(provider: Provider): GatehouseError {
  return new GatehouseError(
    'state_unknown',
    'Nothing waits for a confirmation here; it was answered already, or more than ten minutes have passed. Start again.',
    provider.id,
  );
}
