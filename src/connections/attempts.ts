import { createHash, randomBytes } from 'node:crypto';
import type { AuthorizationSecrets } from '../oauth/authorization-request.js';
import { attemptKey, assignedKey, workKey } from '../store/keys.js';
import { newLease, type Lease } from '../store/lease.js';
import type { Store, Write } from '../store/store.js';
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

export interface PendingAuthorizations {
  start(browserId: string, pending: PendingAuthorization): Promise<AttemptReference>;
  read(reference: AttemptReference): Promise<StoredAttempt | undefined>;
  /** Takes it for working on its callback; only one of several takers gets it. The lease says that the work goes on. */
  take(stored: StoredAttempt, taken: TakenAttempt): Promise<Lease | undefined>;
  /** Keeps where a reload of the callback is sent. */
  finish(stored: StoredAttempt, taken: TakenAttempt): Promise<void>;
  /** The same as a write, to be made together with what was connected. */
  finishing(stored: StoredAttempt, taken: TakenAttempt): Write;
  /** Notes the session that this attempt of the same browser will end up in. */
  assign(stored: StoredAttempt, session: string): Promise<void>;
  forget(references: readonly AttemptReference[]): Promise<void>;
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

  const finishing: PendingAuthorizations['finishing'] = ({ reference, pending }, taken) => ({
    ...put(keyOf(reference), { ...pending, secrets: { state: pending.secrets.state }, taken }),
    ttlMs: reloadLifeMs,
  });

  return {
    start: async (browserId, pending) => {
      const reference = { browserId, id: randomBytes(16).toString('base64url'), startedAt: pending.createdAt };
      await store.commit([], [{ ...put(keyOf(reference), pending), ttlMs: attemptLifeMs + reloadLifeMs }]);
      return reference;
    },

    read: async (reference) => {
      const key = keyOf(reference);
      const [sealed, assigned, atWork] = await store.getMany([key, assignedKeyOf(reference), workKeyOf(reference)]);
      const record = sealed && (vault.open(key, sealed)?.value as AttemptRecord | undefined);
      if (!sealed || !record) return undefined;
      const pending = fromRecord(record);
      const [to, at] = assigned?.toString('latin1').split(' ') ?? [];
      const known = { reference, sealed, pending, atWork: atWork !== undefined };
      return { ...known, ...(to === undefined ? {} : { assigned: { to, at: Number(at) } }) };
    },

    take: async ({ reference, sealed, pending }, taken) => {
      const key = keyOf(reference);
      const lease = newLease(store, workKeyOf(reference), work);
      const attempt = { ...put(key, { ...pending, taken }), ttlMs: attemptLifeMs + reloadLifeMs };
      const mine = await store.commit([{ key, equals: sealed }], [attempt, lease.write]);
      return mine ? lease.begin() : undefined;
    },

    finish: async (stored, taken) => {
      await store.commit([{ key: keyOf(stored.reference), exists: true }], [finishing(stored, taken)]);
    },
    finishing,

    assign: async ({ reference }, session) => {
      const value = Buffer.from(`${session} ${now()}`, 'latin1');
      await store.commit([], [{ key: assignedKeyOf(reference), value, ttlMs: attemptLifeMs + reloadLifeMs }]);
    },

    forget: async (references) => {
      for (const reference of references)
        await store.commit(
          [],
          [
            { key: keyOf(reference), delete: true },
            { key: assignedKeyOf(reference), delete: true },
          ],
        );
    },
  };
}

/** The stored form, as releases since 0.1 write it. */
type AttemptRecord = Omit<PendingAuthorization, 'taken'> & {
  taken?: Omit<TakenAttempt, 'browserId'> & { joins: string };
};

function toRecord({ taken, ...pending }: PendingAuthorization): AttemptRecord {
  if (!taken) return pending;
  const { browserId, ...rest } = taken;
  return { ...pending, taken: { ...rest, joins: browserId } };
}

function fromRecord({ taken, ...pending }: AttemptRecord): PendingAuthorization {
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
