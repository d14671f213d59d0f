import type { Candidate } from '../../connections/candidates.js';
import type { Account, Connection } from '../../connections/connection.js';
import type { StoredConnection } from '../../connections/connection-store.js';
import { freeCell, livingAt, meantBy, type Held } from '../../connections/held-connections.js';
import { storeOver } from '../../connections/new-connection.js';
import { GatehouseError } from '../../errors.js';
import type { Provider } from '../../providers/provider.js';
import { isSameAccountByValues } from '../../providers/variables/with-values.js';
import { formatSessionId, type SessionId } from '../../sessions/session-id.js';
import { connectionKey, pauseKey } from '../../store/keys.js';
import type { Write } from '../../store/store.js';
import type { Destination } from './destination.js';
import type { SignIn } from './sign-in.js';
import { reconnectedBy, refuseTooMany } from './target.js';
import { withOutcome } from '../request/return-to.js';

/** Where the person goes next, and with which session id. */
interface Stored {
  location: string;
  id: SessionId | undefined;
}

const maxTries = 20;

/**
 * Stores the connection, or puts it up for the person's confirmation. What is connected already decides which of them it is, and
 * is read again where it changes meanwhile.
 */
export async function storeConnection(
  signIn: SignIn,
  destination: Destination,
  connection: Connection,
): Promise<Stored> {
  const { store, held: heldConnections } = signIn.services;
  for (let tries = 1; ; tries += 1) {
    const held = await destination.held();
    try {
      return await storeBeside(signIn, destination, connection, held);
    } catch (error) {
      const isEnd = error instanceof GatehouseError && error.code === 'state_unknown';
      if (!isEnd || tries === maxTries || (await store.commit([heldConnections.unchanged(held)], []))) throw error;
    }
  }
}

async function storeBeside(
  signIn: SignIn,
  destination: Destination,
  connection: Connection,
  held: Held,
): Promise<Stored> {
  const { services, provider, attempt } = signIn;
  const { pending } = attempt.stored;
  const twin = twinOf(held, provider, connection);
  // Who signs in is known by the account alone.
  const reconnected = twin ?? (pending.signIn ? undefined : reconnectedBy(held, provider, pending));
  if (!reconnected) refuseTooMany(held, provider, services.configuration.connectionsPerHolder);
  if (!pending.signIn && mustConfirm(provider, connection, reconnected?.connection))
    return askForConfirmation(signIn, destination, connection, held, reconnected);
  return store(signIn, destination, connection, held, reconnected);
}

/** The holder's connection of the very account: there are never two. */
export function twinOf(
  held: Held,
  provider: Provider,
  { account: { subject }, variables }: Connection,
): StoredConnection | undefined {
  if (subject === undefined) return undefined;
  return meantBy(held, { provider }).find(
    ({ connection }) =>
      connection?.account.subject === subject && isSameAccountByValues(provider, connection.variables, variables),
  );
}

async function store(
  signIn: SignIn,
  destination: Destination,
  connection: Connection,
  held: Held,
  reconnected: StoredConnection | undefined,
): Promise<Stored> {
  const { services, provider, attempt } = signIn;
  const { connections, log } = services;
  const { slot } = held;
  const id = reconnected?.id ?? connection.id;
  const cell = reconnected?.cell ?? freeCell(held, provider.id, id);
  const key = connectionKey(slot, cell);
  const location = withOutcome(attempt.stored.pending.returnTo, { connected: provider.id, connection: id });
  const sessionId = await storeOver(services, slot, cell, { ...connection, id }, (merged) =>
    destination.write(held, {
      added: { id, cell },
      records: (ttlMs) => [
        { key, value: connections.seal(key, merged), ttlMs },
        { key: pauseKey(slot, cell), delete: true },
      ],
      finish: (next) => finishing(signIn, location, next),
    }),
  );
  log.audit('connection.stored', actorOf(signIn), { provider: provider.id });
  return { location, id: sessionId };
}

async function askForConfirmation(
  signIn: SignIn,
  destination: Destination,
  connection: Connection,
  held: Held,
  reconnected: StoredConnection | undefined,
): Promise<Stored> {
  const { services, provider, attempt } = signIn;
  const { candidates, addresses, revoker, inFlight, log } = services;
  const { returnTo, owner } = attempt.stored.pending;
  const reconnects = reconnected ? { reconnects: reconnected.id } : {};
  const browser = attempt.browserId;
  const candidate: Candidate = { connection, returnTo, owner: owner ?? null, browser, ...reconnects };
  const replaced = (await candidates.read(held.slot, provider.id))?.candidate.connection;
  const location = addresses.of(`/connect/${provider.id}/confirm`);
  const id = await destination.write(held, {
    records: () => [candidates.write(held.slot, provider.id, candidate)],
    finish: (next) => finishing(signIn, location, next),
  });
  if (replaced?.tokens) {
    const dropped = revoker.release(provider, replaced, livingAt(held, provider));
    const declined = dropped.then((revocation) =>
      log.audit('connection.declined', actorOf(signIn), { provider: provider.id, outcome: 'replaced', revocation }),
    );
    void inFlight.add(declined);
  }
  return { location, id };
}

/** Whether the person is asked: always where the file says so, else where the account is, or may be, another one than before. */
function mustConfirm(
  provider: Provider,
  { account, variables }: Connection,
  existing: Connection | undefined,
): boolean {
  if (provider.confirm === 'always') return true;
  if (existing && !isSameAccountByValues(provider, variables, existing.variables)) return true;
  return existing !== undefined && mayBeAnother(provider, account, existing);
}

/**
 * An account that cannot be named is another one, except where the provider never names any, and where the person has said
 * before that it is the same.
 */
function mayBeAnother(
  provider: Provider,
  { subject: one }: Account,
  { account: { subject: other }, unnamed }: Connection,
): boolean {
  if (one === undefined && other === undefined) return provider.account.source !== 'none' && !unnamed;
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
