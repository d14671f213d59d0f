import type { IndexEntry } from '../../connections/connection-index.js';
import type { Held } from '../../connections/held-connections.js';
import type { Holder } from '../../connections/holder.js';
import type { SessionId } from '../../sessions/session-id.js';
import { connectionIndexKey } from '../../store/keys.js';
import type { Guard, Write } from '../../store/store.js';
import type { SignIn } from './sign-in.js';
import { beginOwnersSession, isStillOwners, type SignsIn } from './owners-session.js';
import { interruptedMeanwhile, writeSession } from './write-session.js';

/** Where what a sign-in brings is stored, and together with what. */
export interface Destination {
  /** What is connected there now. */
  held(): Promise<Held>;
  /**
   * Stores in one step what the parcel holds, with the index. Returns the session id that the browser is given with this
   * response, if any. Throws GatehouseError state_unknown where the attempt, the session or the holder ended meanwhile, and where
   * a connection has come or gone since `held` was read.
   */
  write(held: Held, parcel: Parcel): Promise<SessionId | undefined>;
}

/** What is written. */
export interface Parcel {
  added?: IndexEntry;
  /** Into the holder's slot, with the lifetime that they are given. */
  records: (ttlMs: number) => readonly Write[];
  /** Into the browser's slot, with the session id that it is given. */
  finish: (next?: SessionId) => readonly Write[];
}

/** Into the browser's session, in one step with the session itself. */
export function intoSession(signIn: SignIn): Destination {
  const { services, attempt } = signIn;
  const { held, sessions } = services;
  const { browserId, current } = attempt;
  return {
    // A session that begins, begins empty, whatever lies under its browser id.
    held: async () => {
      const isLive = current !== undefined || (await sessions.exists(browserId));
      return isLive ? held.read(browserId) : held.readNone(browserId);
    },
    write: (before, { added, records, finish }) => {
      const guards: Guard[] = [held.unchanged(before)];
      return writeSession(
        signIn,
        (session, next) => {
          const ttlMs = sessions.lifetime(session);
          const holder = { slot: browserId, guards: [], ttlMs: () => ttlMs };
          const index = held.change(holder, before, added ? { added } : {});
          return [...records(ttlMs), ...finish(next), index.write];
        },
        guards,
      );
    },
  };
}

/** The owner whose records are written, and who signs in by it where nobody was signed in. */
export interface OwnersDestination {
  holder: Holder;
  signsIn?: SignsIn;
}

/**
 * To an owner. The records lie in another slot than the browser's session, so that no one step writes both: docs/decisions/0027.
 * The attempt was taken while the session stood; the records are written while the owner stands; then the session is read once
 * more, and where it has ended or has another owner, what was written is taken back.
 */
export function toOwner(signIn: SignIn, { holder, signsIn }: OwnersDestination): Destination {
  const { held, store } = signIn.services;
  return {
    held: () => held.read(holder.slot),
    write: async (before, { added, records, finish }) => {
      const { work, provider } = signIn;
      if (!(await store.commit([work.guard], []))) throw interruptedMeanwhile(provider);
      const index = held.change(holder, before, added ? { added } : {});
      const written = [...records(holder.ttlMs()), index.write];
      if (!(await store.commit([...holder.guards, index.guard], written))) throw interruptedMeanwhile(provider);
      const stands = signsIn
        ? await beginOwnersSession(signIn, signsIn, finish)
        : (await isStillOwners(signIn, holder)) && {};
      if (stands) return stands.id;
      await takeBack(signIn, holder, before, written);
      throw interruptedMeanwhile(provider);
    },
  };
}

/** Everything is as it was before, unless somebody has changed it since. */
async function takeBack(
  { services: { store, held } }: SignIn,
  holder: Holder,
  before: Held,
  written: readonly Write[],
): Promise<void> {
  const mine = written.flatMap((write) => ('value' in write ? [{ key: write.key, equals: write.value }] : []));
  const former = new Map(before.connections.map(({ key, sealed }) => [key, sealed]));
  const indexKey = connectionIndexKey(holder.slot);
  const writes = mine.map(({ key }): Write => {
    const value = former.get(key);
    return value ? { key, value, ttlMs: holder.ttlMs() } : { key, delete: true };
  });
  const index = held.change(holder, before, {}).write;
  await store.commit(mine, [...writes.filter(({ key }) => key !== indexKey), index]);
}
