import { randomBytes } from 'node:crypto';
import type { Guard, Store, Write } from './store.js';

/** A claim on a key that its holder renews while it lives. */
export interface Lease {
  /** Holds while the lease does: for what only its holder may write. */
  readonly guard: Guard;
  /**
   * Renews it now, and gives it another life from here on; the note is written with that, and deleted when the lease is
   * released. False: it ended meanwhile, as when the process was stopped for too long.
   */
  confirm(lifeMs?: number, note?: Note): Promise<boolean>;
  /** False as soon as a renewal was refused, or the life has passed without one that the store confirmed. */
  isHeld(): boolean;
  /** Ends it, where it is still this holder's. */
  release(): Promise<void>;
}

/** What the holder leaves for others. It outlives the lease where the holder could not release that. */
export type Note = Extract<Write, { value: Buffer }>;

/** A lease that is not written yet: `write` goes into a commit, and `begin` starts the renewals once that was made. */
export interface LeaseToBe {
  /** Names the holder: every value of the lease begins with this. */
  owner: Buffer;
  write: Write;
  begin(): Lease;
}

export interface LeaseTimes {
  /** Milliseconds that it outlives its holder. */
  lifeMs: number;
  extendEveryMs: number;
}

const ownerLength = 16;
const beatLength = 4;

/** By two clocks: the monotonic one stands still while a machine sleeps, and the other one may be set back. */
function untilOf(lifeMs: number): { monotonic: number; wall: number } {
  return { monotonic: performance.now() + lifeMs, wall: Date.now() + lifeMs };
}

/** The value is the owner, a number that every renewal raises, and the name by which others see whether the process lives. */
export function newLease(store: Store, key: string, times: LeaseTimes): LeaseToBe {
  const owner = randomBytes(ownerLength);
  const guard: Guard = { key, startsWith: owner };
  let { lifeMs } = times;
  let beats = 0;
  let held = untilOf(lifeMs);
  let lost = false;
  const notes: Note[] = [];

  const write = (): Write & { value: Buffer } => {
    const beat = Buffer.alloc(beatLength);
    beat.writeUInt32BE(beats++);
    // Told with each renewal, since a process may be seen to live only a moment after it has begun.
    const presence = Buffer.from(store.presence() ?? '', 'latin1');
    return { key, value: Buffer.concat([owner, beat, presence]), ttlMs: lifeMs };
  };
  const extend = async (note?: Note): Promise<boolean> => {
    const until = untilOf(lifeMs);
    const extended = await store.commit([guard], note ? [write(), note] : [write()]);
    if (extended) held = until;
    else lost = true;
    return extended;
  };

  return {
    owner,
    write: write(),
    begin: () => {
      let extending: Promise<unknown> | undefined;
      const timer = setInterval(() => {
        if (lost) clearInterval(timer);
        else extending ??= extend().then(settled, settled);
      }, times.extendEveryMs);
      const settled = (): void => void (extending = undefined);
      timer.unref();
      return {
        guard,
        confirm: async (life = lifeMs, note) => {
          lifeMs = life;
          if (lost || !(await extend(note))) return false;
          if (note) notes.push(note);
          return true;
        },
        isHeld: () => !lost && performance.now() < held.monotonic && Date.now() < held.wall,
        release: async () => {
          lost = true;
          clearInterval(timer);
          await extending;
          const deletions = [key, ...notes.map((note) => note.key)].map(
            (each) => ({ key: each, delete: true }) as const,
          );
          await store.commit([guard], deletions).catch(() => undefined);
        },
      };
    },
  };
}

/** Takes a lease on a key that nobody holds; with `over`, on one that is still held by this very value. */
export async function takeLease(
  store: Store,
  key: string,
  times: LeaseTimes,
  over?: Buffer,
): Promise<Lease | undefined> {
  const lease = newLease(store, key, times);
  const free: Guard = over ? { key, equals: over } : { key, exists: false };
  return (await store.commit([free], [lease.write])) ? lease.begin() : undefined;
}

/** Whether this value of a lease is of that holder. */
export function isHeldBy(value: Buffer, owner: Buffer): boolean {
  return value.subarray(0, ownerLength).equals(owner);
}

/** By which name others see whether the holder of this value lives; undefined where nobody can. */
export function presenceOf(value: Buffer): string | undefined {
  return value.toString('latin1', ownerLength + beatLength) || undefined;
}
