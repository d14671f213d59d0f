import { setTimeout as pause } from 'node:timers/promises';
import { callOnce } from './caller.js';
import type { FaultWindows } from './fault-windows.js';
import { signIn } from './people.js';
import type { Person } from './person.js';
import type { Stage } from './stage.js';
import { lossIsExplained, type Tally } from './tally.js';

/** The longest pause between two tries of a refresh is 38 s. */
const patience = 60_000;

/**
 * When all is well again everybody makes one more call, whoever the load may have left out: it has to be answered with their
 * own canary. Who lost their grant to a kill signs in again.
 */
export async function finalCheck(stage: Stage, tally: Tally, windows: FaultWindows): Promise<void> {
  const { people, fleet, grants, publicUrl, path } = stage;
  const { host } = new URL(publicUrl);
  const limit = Date.now() + patience;

  const check = async (person: Person): Promise<void> => {
    for (;;) {
      const answer = await callOnce({ person, server: fleet.next(), path, host });
      if (answer.status === 200 || answer.status === 401 || Date.now() > limit) {
        tally.add(answer);
        if (answer.status === 401 && lossIsExplained(grants.of(person.subject), windows))
          await signIn(person, fleet, publicUrl).catch((error: unknown) => tally.problem(String(error)));
        if (answer.status !== 200 && answer.status !== 401)
          tally.problem(`${answer.kind} ${patience} ms after the last fault`);
        return;
      }
      await pause(500);
    }
  };

  const queue = [...people];
  const work = async (): Promise<void> => {
    for (let person = queue.pop(); person; person = queue.pop()) await check(person);
  };
  await Promise.all(Array.from({ length: 32 }, work));
}
