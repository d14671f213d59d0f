import { call } from './caller.js';
import type { Answer, Person } from './person.js';
import type { Stage } from './stage.js';

export interface Load {
  /** Resolves when the last call is answered. */
  stop(): Promise<void>;
}

/** Milliseconds between two portions of calls. */
const beat = 10;
/** Calls under way at which the load waits for the servers. */
const most = 256;

/** So many calls a second, from all people in no order, as far as the servers keep up. */
export function startLoad(stage: Stage, rate: number, onAnswer: (answer: Answer) => void): Load {
  const { people, fleet, publicUrl, path } = stage;
  const { host } = new URL(publicUrl);
  let [underWay, due, stopped] = [0, 0, false];
  let onIdle = (): void => undefined;
  const done = (answer: Answer): void => {
    underWay -= 1;
    onAnswer(answer);
    if (stopped && underWay === 0) onIdle();
  };
  let last = performance.now();
  const clock = setInterval(() => {
    const now = performance.now();
    // What a busy moment kept back is made up for, but not without end.
    due = Math.min(most, due + ((now - last) * rate) / 1000);
    last = now;
    for (; due >= 1 && underWay < most; due -= 1) {
      const person = somebody(people);
      if (person?.state !== 'connected') continue;
      underWay += 1;
      call({ person, server: fleet.next(), path, host, done });
    }
  }, beat);
  return {
    async stop() {
      clearInterval(clock);
      stopped = true;
      if (underWay > 0) await new Promise<void>((resolve) => (onIdle = resolve));
    },
  };
}

function somebody(people: readonly Person[]): Person | undefined {
  return people[Math.floor(Math.random() * people.length)];
}
