import { createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { isSameAccount, type Connection } from '../../connections/connection.js';
import { storeOver } from '../../connections/new-connection.js';
import { compact } from '../../compact.js';
import { GatehouseError } from '../../errors.js';
import { acceptsJson } from '../../middleware/accepts.js';
import { currentSession } from '../../middleware/session.js';
import type { Provider } from '../../providers/provider.js';
import type { Services } from '../../services.js';
import { candidateKey, connectionKey, pauseKey } from '../../store/keys.js';
import { redirect } from '../../http/redirect.js';
import { connectableProvider } from '../request/offered-provider.js';
import type { Write } from '../../store/store.js';
import type { Addresses } from '../../config/addresses.js';
import { wayBack } from './ask-organization.js';
import type { Pages } from '../request/pages.js';
import { sendPopupOutcome } from './popup.js';
import { bodyParameters, single } from '../request/parameters.js';
import { withOutcome } from '../request/return-to.js';

type Dependencies = Services & { pages: Pages; addresses: Addresses };

/** GET /connect/:provider/confirm — names the account before it is stored; as JSON to a program that accepts it. */
export function confirmPage(services: Dependencies): RequestHandler {
  return async (req, res) => {
    const provider = connectableProvider(services.registry, req.params['provider']);
    const { session, candidate, sealed } = await waiting(services, req, provider);
    const existing = (await services.connections.read(session.id.browserId, provider.id))?.connection;
    res.vary('Accept');
    if (acceptsJson(req)) {
      const replaces = existing && !isSameAccount(existing, candidate.connection);
      res.json({
        provider: provider.id,
        account: accountBody(candidate.connection),
        replaces: replaces ? accountBody(existing) : null,
        waits: nameOf(sealed),
      });
      return;
    }
    res.type('html').send(services.pages.confirm(req, res, provider, candidate.connection, existing, nameOf(sealed)));
  };
}

/** POST /connect/:provider/confirm — stores it, or with `decision=cancel` drops it. */
export function confirm(services: Dependencies): RequestHandler {
  const { registry } = services;
  return async (req, res) => {
    const provider = connectableProvider(registry, req.params['provider']);
    const parameters = bodyParameters(req);
    const decision = single(parameters, 'decision') ?? 'confirm';
    if (decision !== 'confirm' && decision !== 'cancel')
      throw new GatehouseError('invalid_request', 'The decision is either confirm or cancel.', provider.id);
    const found = await waiting(services, req, provider);
    // A form confirms what its page named, and not what another tab has brought since.
    const waits = single(parameters, 'waits') ?? (req.headers['x-csrf'] === '1' ? nameOf(found.sealed) : undefined);
    if (waits !== nameOf(found.sealed)) throw replacedMeanwhile(provider);
    const decide = decision === 'confirm' ? store : drop;
    const outcome = await decide(services, { res, provider, ...found });
    const back = withOutcome(found.candidate.returnTo, outcome);
    const location = decision === 'confirm' ? await wayBack(services, req, provider, back) : back;
    sendPopupOutcome(services, req, res, back);
    redirect(res, 303, location);
  };
}

/** What waits in a session, and whose decision it is. */
interface Decision extends Awaited<ReturnType<typeof waiting>> {
  res: Response;
  provider: Provider;
}

/** The replaced connection's grant ends where the accounts are two for certain, and where that ends nothing that lives. */
async function store(services: Dependencies, decision: Decision): Promise<Record<string, string>> {
  const { sessions, connections, revoker, log } = services;
  const { provider, session, candidate } = decision;
  const { browserId } = session.id;
  const key = connectionKey(browserId, provider.id);
  const replaced = (await connections.read(browserId, provider.id))?.connection;
  const isStored = await storeOver(services, browserId, candidate.connection, (merged) =>
    take(services, decision, [
      { key, value: connections.seal(key, merged), ttlMs: sessions.lifetime(session.session) },
      { key: pauseKey(browserId, provider.id), delete: true },
    ]),
  );
  if (!isStored) throw nothingWaiting(provider);
  const isOther = replaced !== undefined && isAnotherAccount(replaced, candidate.connection);
  const revocation = isOther ? await revoker.release(provider, replaced, candidate.connection) : undefined;
  log.audit('connection.stored', actorOf(decision), compact({ provider: provider.id, revocation }));
  return { connected: provider.id };
}

/** Whether both name their accounts, and differ. */
function isAnotherAccount({ account: one }: Connection, { account: other }: Connection): boolean {
  return one.subject !== undefined && other.subject !== undefined && one.subject !== other.subject;
}

async function drop(services: Dependencies, decision: Decision): Promise<Record<string, string>> {
  const { connections, revoker, log } = services;
  const { res, provider, session, candidate } = decision;
  const existing = await connections.read(session.id.browserId, provider.id);
  if (!(await take(services, decision, []))) throw nothingWaiting(provider);
  const revocation = await revoker.release(provider, candidate.connection, existing?.connection);
  log.audit('connection.declined', actorOf(decision), { provider: provider.id, outcome: 'cancelled', revocation });
  return { connect_error: 'access_denied', request_id: res.locals.requestId };
}

/** Takes the candidate away together with these writes. False: it is gone, or the session is. */
function take(
  { sessions }: Dependencies,
  { session, provider, sealed }: Decision,
  writes: readonly Write[],
): Promise<boolean> {
  const { browserId } = session.id;
  const key = candidateKey(browserId, provider.id);
  const all: Write[] = [...writes, { key, delete: true }];
  return sessions.writeIfLive(browserId, session.session.owner, all, [{ key, equals: sealed }]);
}

function actorOf({ session, res }: Decision) {
  return { slot: session.id.browserId, owner: session.session.owner, trace: res.locals };
}

function accountBody({ account: { subject, label } }: Connection) {
  return { subject: subject ?? null, label: label ?? null };
}

async function waiting({ candidates }: Dependencies, req: Request, provider: Provider) {
  const session = currentSession(req);
  const found = session && (await candidates.read(session.id.browserId, provider.id));
  if (!session || !found) throw nothingWaiting(provider);
  // What was begun under one owner is never finished under another. Release 0.2 does not write the owner.
  const { owner } = found.candidate;
  if (owner !== undefined && owner !== (session.session.owner ?? null)) throw nothingWaiting(provider);
  return { session, ...found };
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
