import { byStatus, longest } from '../../test/store-faults/load.js';
import { suffer, type Outage } from '../../test/store-faults/outage.js';
import { openStage, type Person } from '../../test/store-faults/stage.js';
import type { Row } from './row.js';

const rate = 200;

/** A store, and what is done to it while callers go on. */
export interface OpenedFault {
  redisUrl: string;
  /** For every process. */
  env?: Record<string, string>;
  /** People who are connected and make the calls. */
  people?: number;
  outage(people: readonly Person[]): Outage;
  /** What a process that starts into the fault is given besides; absent where the fault strikes one that runs. */
  startedWith?: Record<string, string>;
  close(): Promise<unknown>;
}

/** Starts the store. */
export type StoreFault = () => Promise<OpenedFault>;

/** The load is held, the fault comes and goes; a connection is lost if its person is told to sign in or to connect. */
export async function openUnder(what: string, open: StoreFault): Promise<Row> {
  const { redisUrl, env = {}, people: count = 10, outage: prepare, startedWith, close } = await open();
  const stage = await openStage({ redisUrl, env: { LOG_LEVEL: 'error', ...env } });
  let server = await stage.start();
  const people: Person[] = Array.from({ length: count }, () => stage.person(server));
  for (const person of people) await person.connect();
  const before = stage.server.calls.token;
  let outage = prepare(people);
  if (startedWith) {
    await outage.inflict();
    server = await stage.start({ ready: false, env: startedWith });
    await server.line(/"store\.(lost|refused)"/);
    outage = { ...outage, inflict: () => undefined, fromStart: true };
    for (const person of people) person.at(server);
  }
  const { seen, recoveryMs } = await suffer(server, people, outage, rate);
  const tokenCalls = stage.server.calls.token - before;
  const lost = new Set(seen.filter(({ status }) => status === 401).map(({ who }) => who));
  for (const [index, person] of people.entries()) if ((await person.call()).status !== 200) lost.add(index);
  await stage.close();
  await close();
  return {
    what,
    load: `${rate}/s`,
    faults: 1,
    answers: byStatus(seen),
    longestMs: longest(seen),
    tokenCalls,
    connectionsLost: lost.size,
    recoveryMs,
  };
}
