import { createHash, randomBytes } from 'node:crypto';
import type { AuthorizationSecrets } from '../oauth/authorization-request.js';
import { attemptKey, carriedKey, workKey } from '../store/keys.js';
import { newLease, type Lease } from '../store/lease.js';
import type { Store, Write } from '../store/store.js';
import type { Vault } from './vault.js';

/** What is remembered between the redirect out and the way back. Sealed in the store. */
export interface PendingAuthorization {
  provider: string;
  secrets: AuthorizationSecrets;
  /** Absolute, and checked. */
  returnTo: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** The tag of the session in which it was started; null where there was none. */
  session: string | null;
  /** The session's owner at the start; another one may not finish it. */
  owner?: string;
  taken?: TakenAttempt;
}

/** Its callback is being worked on, or has been. */
export interface TakenAttempt {
  /** The session that it ends up in. */
  joins: string;
  /** A fingerprint of the answer that it was taken for; another answer is no reload. */
  answer: string;
  finished?: {
    /** Where a reload is sent to. */
    location: string;
    /** Milliseconds since the epoch. */
    at: number;
    /** The session id that the browser did not receive, since it went away before the answer. */
    undelivered?: string;
  };
}

/** A browser's hold on its attempt: the value of the attempt's cookie. */
export interface AttemptReference {
  tag: string;
  id: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
}

export interface StoredAttempt {
  reference: AttemptReference;
  sealed: Buffer;
  pending: PendingAuthorization;
  /** The session that another callback of this browser carried it over to, and when (milliseconds since the epoch). */
  carried?: { to: string; at: number };
  /** A live process is at work on its callback. */
  atWork: boolean;
}

/** Milliseconds in which a sign-in must be finished. */
export const attemptLife = 600_000;
/** Milliseconds for which a finished one answers a reload. */
export const afterlife = 600_000;

/** Milliseconds after which the death of the process that works on a callback shows. */
const work = { lifeMs: 3_000, renewEveryMs: 500 };

export interface PendingAuthorizations {
  start(tag: string, pending: PendingAuthorization): Promise<AttemptReference>;
  read(reference: AttemptReference): Promise<StoredAttempt | undefined>;
  /** Takes it for working on its callback; only one of several takers gets it. The lease says that the work goes on. */
  take(stored: StoredAttempt, taken: TakenAttempt): Promise<Lease | undefined>;
  /** Keeps what a reload of the callback is told. */
  finish(stored: StoredAttempt, taken: TakenAttempt): Promise<void>;
  /** The same as a write, to be made together with what was connected. */
  finishing(stored: StoredAttempt, taken: TakenAttempt): Write;
  /** Notes the session that this attempt of the same browser will end up in. */
  carry(stored: StoredAttempt, session: string): Promise<void>;
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
  const put = (key: string, pending: PendingAuthorization) => ({ key, value: vault.seal(key, pending) });
  const keyOf = ({ tag, id }: AttemptReference) => attemptKey(tag, hash(id));
  const workKeyOf = ({ tag, id }: AttemptReference) => workKey(tag, hash(id));
  const carriedKeyOf = ({ tag, id }: AttemptReference) => carriedKey(tag, hash(id));

  const finishing: PendingAuthorizations['finishing'] = ({ reference, pending }, taken) => ({
    ...put(keyOf(reference), { ...pending, secrets: { state: pending.secrets.state }, taken }),
    ttlMs: afterlife,
  });

  return {
    start: async (tag, pending) => {
      const reference = { tag, id: randomBytes(16).toString('base64url'), startedAt: pending.createdAt };
      await store.commit([], [{ ...put(keyOf(reference), pending), ttlMs: attemptLife + afterlife }]);
      return reference;
    },

    read: async (reference) => {
      const key = keyOf(reference);
      const [sealed, carried, atWork] = await store.getMany([key, carriedKeyOf(reference), workKeyOf(reference)]);
      const pending = sealed && (vault.open(key, sealed)?.value as PendingAuthorization | undefined);
      if (!sealed || !pending) return undefined;
      const [to, at] = carried?.toString('latin1').split(' ') ?? [];
      const known = { reference, sealed, pending, atWork: atWork !== undefined };
      return { ...known, ...(to === undefined ? {} : { carried: { to, at: Number(at) } }) };
    },

    take: async ({ reference, sealed, pending }, taken) => {
      const key = keyOf(reference);
      const lease = newLease(store, workKeyOf(reference), work);
      const attempt = { ...put(key, { ...pending, taken }), ttlMs: attemptLife + afterlife };
      const mine = await store.commit([{ key, equals: sealed }], [attempt, lease.write]);
      return mine ? lease.begin() : undefined;
    },

    finish: async (stored, taken) => {
      await store.commit([{ key: keyOf(stored.reference), exists: true }], [finishing(stored, taken)]);
    },
    finishing,

    carry: async ({ reference }, session) => {
      const value = Buffer.from(`${session} ${now()}`, 'latin1');
      await store.commit([], [{ key: carriedKeyOf(reference), value, ttlMs: attemptLife + afterlife }]);
    },

    forget: async (references) => {
      for (const reference of references)
        await store.commit(
          [],
          [
            { key: keyOf(reference), delete: true },
            { key: carriedKeyOf(reference), delete: true },
          ],
        );
    },
  };
}

export function formatReference({ tag, id, startedAt }: AttemptReference): string {
  return `${tag}.${id}.${startedAt.toString(36)}`;
}

export function parseReference(value: string): AttemptReference | undefined {
  const [, tag, id, startedAt] = /^([\w-]{22})\.([\w-]{22})\.([\da-z]{1,11})$/.exec(value) ?? [];
  if (tag === undefined || id === undefined || startedAt === undefined) return undefined;
  return { tag, id, startedAt: parseInt(startedAt, 36) };
}

function hash(id: string): string {
  return createHash('sha256').update(id, 'ascii').digest('base64url');
}
