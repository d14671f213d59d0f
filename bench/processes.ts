import type { RedisServer } from '../test/world/redis.js';
import type { Surroundings } from './contestant.js';
import { startGatehouse } from './gatehouse.js';
import { measure, median, type Sample } from './measure.js';
import { machine, table, writeSection } from './report.js';

/**
 * Two processes on one Redis against one, with the same load on each. On a machine whose cores the load and the upstream
 * share, the requests a second say little; that a request costs the same in both says that nothing is shared between them.
 */
export async function processes(
  surroundings: Surroundings,
  redis: RedisServer,
  { quick }: { quick: boolean },
): Promise<void> {
  const [rounds, seconds] = quick ? [2, 2] : [5, 4];
  const task = { path: '/1k', seconds, connections: 32 };
  const [first, second] = [await startGatehouse(surroundings), await startGatehouse(surroundings)];
  const alone: Sample[] = [];
  const bufferLines: Sample[][] = [];
  try {
    for (const each of [first, second]) await measure(each, { ...task, seconds: 4 }, redis);
    for (let round = 0; round < rounds; round += 1) {
      alone.push(await measure(first, task, redis));
      bufferLines.push(await Promise.all([first, second].map((each) => measure(each, task, redis))));
    }
  } finally {
    await Promise.all([first.stop(), second.stop()]);
  }
  const cost = [median(alone.map(({ cpu }) => cpu)), median(bufferLines.flat().map(({ cpu }) => cpu))] as const;
  const perSecond = [
    median(alone.map(({ requestsPerSecond }) => requestsPerSecond)),
    median(bufferLines.map((pair) => pair.reduce((sum, { requestsPerSecond }) => sum + requestsPerSecond, 0))),
  ] as const;
  const row = (name: string, values: readonly [number, number]): string[] => [
    name,
    ...values.map((value) => value.toFixed(0)),
    (values[1] / values[0]).toFixed(2),
  ];
  const text = [
    `${machine()}; ${rounds} alternating rounds of ${seconds} s.`,
    table(['', 'one', 'two', 'ratio'], [row('CPU µs a request', cost), row('requests/s in all', perSecond)]),
  ].join('\n\n');
  console.log(`${text}\n`);
  if (!quick) await writeSection('processes', text);
}
