import type { ServerProcess } from '../world/process.js';
import { startLoad, type Load, type Seen } from './load.js';
import type { Person } from './stage.js';

/** A way for a store to be away, and its return. */
export interface Outage {
  inflict(): unknown;
  /** Absent where the store comes back by itself. */
  heal?(): unknown;
  /** How long it lasts after the first call has noticed, in milliseconds: 1,000. */
  lastsMs?: number;
  /** It is over, or healed, also if no call has noticed. */
  mayPass?: boolean;
  /** There from the start: the process has answered nothing yet. */
  fromStart?: boolean;
}

export interface OutageReport {
  seen: readonly Seen[];
  /** Milliseconds from the store's return (from the fault, where it heals by itself) to the last answer that was not 200. */
  recoveryMs: number;
}

const paths = ['/proxy/acme/v1/things', '/proxy/acme/v1/things', '/api/session'];

/** Holds a load, takes the store away, gives it back, and tells what the callers saw. */
export async function suffer(
  process: ServerProcess,
  people: readonly Person[],
  outage: Outage,
  rate = 40,
): Promise<OutageReport> {
  const load = startLoad(process, people, rate, paths);
  if (!outage.fromStart) await load.next(({ status }) => status === 200);
  const struck = performance.now();
  await outage.inflict();
  if (!outage.mayPass) await load.next(({ status }) => status !== 200);
  if (outage.heal || outage.mayPass) await new Promise((resolve) => setTimeout(resolve, outage.lastsMs ?? 1000));
  const began = outage.heal ? performance.now() : struck;
  await outage.heal?.();
  await quiet(load, people.length * 10);
  const seen = await load.stop();
  const lastBad = seen.findLast(({ status }) => status !== 200);
  return { seen, recoveryMs: Math.max(0, (lastBad ? lastBad.began + lastBad.ms : began) - began) };
}

/** Resolves when so many answers in a row were 200. */
async function quiet(load: Load, wanted: number): Promise<void> {
  let row = 0;
  await load.next(({ status }) => {
    row = status === 200 ? row + 1 : 0;
    return row >= wanted;
  });
}
