import { setTimeout as pause } from 'node:timers/promises';
import { callOnce } from './caller.js';
import type { FaultWindows } from './fault-windows.js';
import type { Fleet } from './fleet.js';
import { browserOf, signIn } from './people.js';
import type { Person } from './person.js';
import type { Tally } from './tally.js';

export interface Changes {
  logouts: number;
  disconnects: number;
  reconnects: number;
}

interface Dependencies {
  people: readonly Person[];
  fleet: Fleet;
  windows: FaultWindows;
  tally: Tally;
  publicUrl: string;
  path: string;
}

export interface ComingsAndGoings {
  readonly changes: Changes;
  /** Somebody logs out, disconnects or connects once more, and is connected again in the end. */
  change(): Promise<void>;
  /** The person's grant is over: they connect again. */
  reconnect(person: Person): Promise<void>;
  /** Resolves when nobody is between two states. */
  settled(): Promise<void>;
}

/** Milliseconds for one change, faults and all. */
const patience = 60_000;
/** Milliseconds after a fault in which a change may fail because of it. */
const aftermath = 5_000;

export function createComingsAndGoings(dependencies: Dependencies): ComingsAndGoings {
  const { people, fleet, windows, tally, publicUrl, path } = dependencies;
  const { host } = new URL(publicUrl);
  const changes: Changes = { logouts: 0, disconnects: 0, reconnects: 0 };
  const underWay = new Set<Promise<void>>();
  let turn = 0;

  /** Until it succeeds; a failure away from every fault is a problem. */
  const persist = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    const limit = Date.now() + patience;
    for (;;) {
      const began = Date.now();
      const failure = await work().then(
        () => undefined,
        (error: unknown) => String(error),
      );
      if (failure === undefined) return;
      if (!windows.touches(began, Date.now(), aftermath)) tally.problem(`${what}: ${failure}`);
      if (Date.now() > limit) {
        tally.problem(`${what}: given up after ${patience} ms`);
        return;
      }
      await pause(500);
    }
  };

  const send = async (person: Person, method: 'post' | 'delete', target: string): Promise<void> => {
    const { status } = await browserOf(person, fleet, publicUrl).api[method](target);
    if (status !== 200) throw new Error(`answered with ${status}`);
  };

  /** What was ended is over at every server, at once. */
  const isOver = async (person: Person, expected: string): Promise<void> => {
    for (const server of fleet.serving) {
      const { kind, began, ended } = await callOnce({ person, server, path, host });
      if (kind === expected || windows.excuse(kind, began, ended)) continue;
      // Whatever happens to the store: no fault excuses this.
      if (kind === '200') tally.problem(`a call was answered after the person's ${expected}`);
      else tally.problem(`${kind} where ${expected} was due`);
    }
  };

  const steps = {
    logouts: async (person: Person) => {
      await persist('logout', () => send(person, 'post', '/logout'));
      await isOver(person, '401 login_required');
      person.cookie = '';
    },
    disconnects: async (person: Person) => {
      await persist('disconnect', () => send(person, 'delete', '/api/connections/acme'));
      await isOver(person, '401 not_connected');
    },
    reconnects: () => Promise.resolve(),
  };

  const around = (person: Person, kind: keyof Changes): Promise<void> => {
    person.state = 'changing';
    person.epoch += 1;
    const work = (async () => {
      await steps[kind](person);
      await persist('sign-in', () => signIn(person, fleet, publicUrl));
      changes[kind] += 1;
      person.epoch += 1;
      person.state = 'connected';
    })().finally(() => underWay.delete(work));
    underWay.add(work);
    return work;
  };

  return {
    changes,
    async change() {
      turn += 1;
      const person = people[(turn * 7919) % people.length];
      const kind = (['logouts', 'disconnects', 'reconnects'] as const)[turn % 3] ?? 'logouts';
      if (person?.state === 'connected') await around(person, kind);
    },
    async reconnect(person) {
      if (person.state === 'connected') await around(person, 'reconnects');
    },
    settled: async () => {
      await Promise.all(underWay);
    },
  };
}
