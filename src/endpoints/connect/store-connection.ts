import type { Candidate } from '../../connections/candidates.js';
import type { Account, Connection } from '../../connections/connection.js';
import { storeOver } from '../../connections/new-connection.js';
import type { Provider } from '../../providers/provider.js';
import { formatSessionId, type SessionId } from '../../sessions/session-id.js';
import { connectionKey, pauseKey } from '../../store/keys.js';
import type { Write } from '../../store/store.js';
import type { SignIn } from './sign-in.js';
import { writeSession } from './write-session.js';
import { withOutcome } from '../request/return-to.js';

/** Where the person goes next, and with which session id. */
interface Stored {
  location: string;
  id: SessionId | undefined;
}

/** Stores the connection, or puts it up for the person's confirmation. */
export async function storeConnection(
  signIn: SignIn,
  connection: Connection,
  existing: Connection | undefined,
): Promise<Stored> {
  const { services, provider, attempt } = signIn;
  const { connections, log } = services;
  const { browserId, stored } = attempt;
  if (mustConfirm(provider, connection, existing)) return askForConfirmation(signIn, connection, existing);

  const key = connectionKey(browserId, provider.id);
  const location = withOutcome(stored.pending.returnTo, { connected: provider.id });
  const id = await storeOver(services, browserId, connection, (merged) =>
    writeAndRemember(signIn, (ttlMs, next) => [
      { key, value: connections.seal(key, merged), ttlMs },
      { key: pauseKey(browserId, provider.id), delete: true },
      ...finishing(signIn, location, next),
    ]),
  );
  log.audit('connection.stored', actorOf(signIn), { provider: provider.id });
  return { location, id };
}

async function askForConfirmation(
  signIn: SignIn,
  connection: Connection,
  existing: Connection | undefined,
): Promise<Stored> {
  const { services, provider, attempt } = signIn;
  const { candidates, addresses, revoker, inFlight, log } = services;
  const { browserId, stored } = attempt;
  const { returnTo, owner } = stored.pending;
  const candidate: Candidate = { connection, returnTo, owner: owner ?? null };
  const replaced = (await candidates.read(browserId, provider.id))?.candidate.connection;
  const location = addresses.of(`/connect/${provider.id}/confirm`);
  const id = await writeAndRemember(signIn, (_ttlMs, next) => [
    candidates.write(browserId, provider.id, candidate),
    ...finishing(signIn, location, next),
  ]);
  if (replaced?.tokens) {
    const dropped = revoker.release(provider, replaced, existing);
    const declined = dropped.then((revocation) =>
      log.audit('connection.declined', actorOf(signIn), { provider: provider.id, outcome: 'replaced', revocation }),
    );
    void inFlight.add(declined);
  }
  return { location, id };
}

/** Writes into the session, and writes down of which provider. The writes are given their lifetime. */
async function writeAndRemember(
  signIn: SignIn,
  writes: (ttlMs: number, next?: SessionId) => readonly Write[],
): Promise<SessionId | undefined> {
  const { services, provider, attempt } = signIn;
  let ttlMs = 1;
  const id = await writeSession(signIn, (session, next) => {
    ttlMs = services.sessions.lifetime(session);
    return writes(ttlMs, next);
  });
  // What was written stands: that its provider cannot be written down is no reason to say otherwise.
  await services.knownProviders.add(attempt.browserId, provider.id, ttlMs).catch(() => undefined);
  return id;
}

/** Whether the person is asked: always where the file says so, else where the account is, or may be, another one than before. */
function mustConfirm(provider: Provider, { account }: Connection, existing: Connection | undefined): boolean {
  if (provider.confirm === 'always') return true;
  return existing !== undefined && mayBeAnother(provider, account, existing.account);
}

/** An account that cannot be named is another one, except where the provider never names any. */
function mayBeAnother(provider: Provider, { subject: one }: Account, { subject: other }: Account): boolean {
  if (one === undefined && other === undefined) return provider.account.source !== 'none';
  return one !== other;
}

/** In the same step, so that a process that dies before its response leaves a reload that brings the session. */
function finishing(
  { services: { pending, now }, attempt, taken }: SignIn,
  location: string,
  next?: SessionId,
): Write[] {
  const { browserId, stored } = attempt;
  if (next === undefined || stored.reference.browserId !== browserId) return [];
  const undelivered = formatSessionId(next);
  return [pending.finishing(stored, { ...taken, finished: { location, at: now(), undelivered } })];
}

function actorOf({ attempt: { browserId, stored }, res }: SignIn) {
  return { slot: browserId, owner: stored.pending.owner, trace: res.locals };
}
