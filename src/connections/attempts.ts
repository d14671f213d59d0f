import { createHash, randomBytes } from 'node:crypto';
import { compact } from '../compact.js';
import type { AuthorizationSecrets } from '../oauth/authorization-request.js';
import type { StoredValues } from '../providers/variables/provider-variables.js';
import { attemptKey, assignedKey, workKey } from '../store/keys.js';
import { isHeldBy, newLease } from '../store/lease.js';
import type { Guard, Store, Write } from '../store/store.js';
import type { ConnectionOrigin } from './origin.js';
import type { Vault } from './vault.js';

/** What is remembered between the redirect out and the way back. Sealed in the store. */
export interface PendingAuthorization {
  provider: string;
  secrets: AuthorizationSecrets;
  /** Absolute, and checked. */
  returnTo: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** The browser id of the session in which it was started; null where there was none. */
  session: string | null;
  /** Where the person was sent, and as which client; absent in what releases before 0.3 wrote. */
  madeFor?: { environment?: string; clientId: string; origin: ConnectionOrigin };
  /** The id of the connection that it reconnects, as the person asked. */
  connection?: string;
  /** The person signs in by it: nobody is signed in yet, or too long ago. */
  signIn?: true;
  /** The person asked for a further connection. */
  another?: true;
  /** What the caller said of the provider's variables; the code is redeemed where they lead. */
  variables?: StoredValues;
  /** The session's owner at the start; another one may not finish it. */
  owner?: string;
  taken?: TakenAttempt;
}

/** Its callback is being worked on, or has been. */
export interface TakenAttempt {
  /** The browser's records in which it ends up. */
  browserId: string;
  /** A fingerprint of the response that it was taken for; another response is no reload. */
  answer: string;
  /** Names the process at work on it, as its lease does. */
  lease?: string;
  finished?: {
    /** Where a reload is sent to. */
    location: string;
    /** Milliseconds since the epoch. */
    at: number;
    /** The session id that the browser did not receive, since it went away before the response. */
    undelivered?: string;
  };
}

/** A browser's hold on its attempt: the value of the attempt's cookie. */
export interface AttemptReference {
  browserId: string;
  id: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
}

export interface StoredAttempt {
  reference: AttemptReference;
  sealed: Buffer;
  pending: PendingAuthorization;
  /** The session that another callback of this browser assigned it to, and when (milliseconds since the epoch). */
  assigned?: { to: string; at: number };
  /** A live process is at work on its callback. */
  atWork: boolean;
}

/** Milliseconds in which a sign-in must be finished. */
export const attemptLifeMs = 600_000;
/** Milliseconds for which a finished one answers a reload. */
export const reloadLifeMs = 600_000;

/** Milliseconds after which the death of the process that works on a callback shows. */
const work = { lifeMs: 3_000, extendEveryMs: 500 };

/** An attempt whose callback this process works on. */
export interface AttemptAtWork {
  /**
   * Holds while the attempt stands: for the commit that stores what the attempt brings. A logout or a change of owner
   * deletes the attempt. The key is in the slot of the browser id that the attempt was taken for.
   */
  guard: Guard;
  /** Says to other processes that the work has ended. */
  release(): Promise<void>;
}

export interface PendingAuthorizations {
  start(browserId: string, pending: PendingAuthorization): Promise<AttemptReference>;
  /** `current` is the browser id of the request's own session. */
  read(reference: AttemptReference, current?: string): Promise<StoredAttempt | undefined>;
  /** Those that are there, in the order of the references: one question to the store. */
  readAll(references: readonly AttemptReference[], current?: string): Promise<StoredAttempt[]>;
  /** Takes it for working on its callback; only one of several takers gets it. */
  take(stored: StoredAttempt, taken: TakenAttempt): Promise<AttemptAtWork | undefined>;
  /** Keeps what a reload of the callback is answered with. */
  finish(stored: StoredAttempt, taken: TakenAttempt): Promise<void>;
  /** The same as a write, to be made together with what was connected. */
  finishing(stored: StoredAttempt, taken: TakenAttempt): Write;
  /** Assigns the attempt to the session that it will end up in. */
  assign(stored: StoredAttempt, session: string): Promise<void>;
  /** Ends attempts. Returns them as they were; what is under way for one of them is not stored any more. */
  forget(references: readonly AttemptReference[]): Promise<StoredAttempt[]>;
}

export function createPendingAuthorizations({
  store,
  vault,
  now,
}: {
  store: Store;
  vault: Vault;
  now: () => number;
}): PendingAuthorizations {
  const put = (key: string, pending: PendingAuthorization) => ({ key, value: vault.seal(key, toRecord(pending)) });
  const keyOf = ({ browserId, id }: AttemptReference) => attemptKey(browserId, hash(id));
  const workKeyOf = ({ browserId, id }: AttemptReference) => workKey(browserId, hash(id));
  const assignedKeyOf = ({ browserId, id }: AttemptReference) => assignedKey(browserId, hash(id));
  /** Where the attempt stands in the slot of the session that it was taken for. */
  const standingKeyOf = ({ id }: AttemptReference, taken: TakenAttempt) => attemptKey(taken.browserId, hash(id));

  const finishing: PendingAuthorizations['finishing'] = ({ reference, pending }, taken) => ({
    ...put(keyOf(reference), { ...pending, secrets: { state: pending.secrets.state }, taken }),
    ttlMs: reloadLifeMs,
  });

  const readAll: PendingAuthorizations['readAll'] = async (references, current) => {
    const keys = references.flatMap((each) => [keyOf(each), assignedKeyOf(each), workKeyOf(each)]);
    const values = await store.gather(keys);
    return references.flatMap((reference, index) => {
      const [sealed, assigned, work] = values.slice(index * 3, index * 3 + 3);
      const record = sealed && (vault.open(keyOf(reference), sealed)?.value as AttemptRecord | undefined);
      if (!sealed || !record) return [];
      const pending = fromRecord(record);
      const to = assigned && readAssignment(assignedKeyOf(reference), assigned, record.release !== undefined, current);
      return [compact({ reference, sealed, pending, assigned: to, atWork: isAtWork(pending.taken, work) })];
    });
  };

  /**
   * Release 0.2 writes assignments as plain text, which everybody can forge who can write to Redis. One counts for an
   * attempt of that release alone, and where it names the session whose cookie comes with the request anyway.
   */
  const readAssignment = (key: string, value: Buffer, isSealed: boolean, current: string | undefined) => {
    if (isSealed) return vault.open(key, value)?.value as StoredAttempt['assigned'];
    const [to, at] = value.toString('latin1').split(' ');
    return to !== undefined && to === current ? { to, at: Number(at) } : undefined;
  };

  /** Undefined when the attempt was ended in between. */
  const standIn = async ({ reference, pending }: StoredAttempt, taken: TakenAttempt, sealed: Buffer) => {
    const key = standingKeyOf(reference, taken);
    if (key === keyOf(reference)) return { key, equals: sealed };
    const copy = put(key, { ...pending, taken });
    await store.commit([], [{ ...copy, ttlMs: attemptLifeMs + reloadLifeMs }]);
    // Whoever ends the attempt deletes the copy after it, and may have done so before the copy was there.
    if (await store.commit([{ key: keyOf(reference), equals: sealed }], [])) return { key, equals: copy.value };
    await store.commit([], [{ key, delete: true }]);
    return undefined;
  };

  const forgetOne = async (known: StoredAttempt): Promise<StoredAttempt> => {
    const { reference } = known;
    const key = keyOf(reference);
    const deletions: Write[] = [
      { key, delete: true },
      { key: assignedKeyOf(reference), delete: true },
    ];
    let stored = known;
    // A process may take the attempt in between: then it stands in another slot, too.
    while (!(await store.commit([{ key, equals: stored.sealed }], deletions))) {
      const [again] = await readAll([reference]);
      if (!again) return stored;
      stored = again;
    }
    const { taken } = stored.pending;
    const standing = taken && standingKeyOf(reference, taken);
    if (standing !== undefined && standing !== key) await store.commit([], [{ key: standing, delete: true }]);
    return stored;
  };

  return {
    start: async (browserId, pending) => {
      const reference = { browserId, id: randomBytes(16).toString('base64url'), startedAt: pending.createdAt };
      await store.commit([], [{ ...put(keyOf(reference), pending), ttlMs: attemptLifeMs + reloadLifeMs }]);
      return reference;
    },

    readAll,
    read: async (reference, current) => (await readAll([reference], current))[0],

    take: async (stored, given) => {
      const { reference, sealed, pending } = stored;
      const key = keyOf(reference);
      const lease = newLease(store, workKeyOf(reference), work);
      const taken = { ...given, lease: lease.owner.toString('base64url') };
      const attempt = { ...put(key, { ...pending, taken }), ttlMs: attemptLifeMs + reloadLifeMs };
      if (!(await store.commit([{ key, equals: sealed }], [attempt, lease.write]))) return undefined;
      const { release } = lease.begin();
      const guard = await standIn(stored, taken, attempt.value).catch(async (error: unknown) => {
        await release();
        throw error;
      });
      if (guard) return { guard, release };
      await release();
      return undefined;
    },

    finish: async (stored, taken) => {
      const key = keyOf(stored.reference);
      await store.commit([{ key, exists: true }], [finishing(stored, taken)]);
      const standing = standingKeyOf(stored.reference, taken);
      if (standing !== key) await store.commit([], [{ key: standing, delete: true }]);
    },
    finishing,

    assign: async ({ reference }, session) => {
      const key = assignedKeyOf(reference);
      const value = vault.seal(key, { to: session, at: now() });
      await store.commit([], [{ key, value, ttlMs: attemptLifeMs + reloadLifeMs }]);
    },

    forget: async (references) => Promise.all((await readAll(references)).map(forgetOne)),
  };
}

/** The lease that the attempt names: another value under its key is nobody's work. Release 0.2 names none. */
function isAtWork(taken: TakenAttempt | undefined, lease: Buffer | undefined): boolean {
  if (!taken || !lease) return false;
  return taken.lease === undefined || isHeldBy(lease, Buffer.from(taken.lease, 'base64url'));
}

/** The stored form, as releases since 0.1 write it. */
type AttemptRecord = Omit<PendingAuthorization, 'taken'> & {
  /** Since 0.3: what is assigned to it is sealed. */
  release?: '0.3';
  taken?: Omit<TakenAttempt, 'browserId'> & { joins: string };
};

function toRecord({ taken, ...pending }: PendingAuthorization): AttemptRecord {
  const record: AttemptRecord = { ...pending, release: '0.3' };
  if (!taken) return record;
  const { browserId, ...rest } = taken;
  return { ...record, taken: { ...rest, joins: browserId } };
}

function fromRecord({ taken, release: _release, ...pending }: AttemptRecord): PendingAuthorization {
  if (!taken) return pending;
  const { joins, ...rest } = taken;
  return { ...pending, taken: { ...rest, browserId: joins } };
}

export function formatReference({ browserId, id, startedAt }: AttemptReference): string {
  return `${browserId}.${id}.${startedAt.toString(36)}`;
}

export function parseReference(value: string): AttemptReference | undefined {
  const [, browserId, id, startedAt] = /^([\w-]{22})\.([\w-]{22})\.([\da-z]{1,11})$/.exec(value) ?? [];
  if (browserId === undefined || id === undefined || startedAt === undefined) return undefined;
  return { browserId, id, startedAt: parseInt(startedAt, 36) };
}

function hash(id: string): string {
  return createHash('sha256').update(id, 'ascii').digest('base64url');
}
