import type { RedisServer } from '../test/world/redis.js';
import { apacheName, startApache } from './apache.js';
import type { Contestant, Surroundings } from './contestant.js';
import { gatehouseName, startGatehouse } from './gatehouse.js';
import { alternate, type Sample, type Task } from './measure.js';
import {
  expressName,
  passThroughName,
  startExpress,
  startExpressKeepAlive,
  startFastify,
  startPassThrough,
} from './peers.js';
import { heading, overview, single, writeSection } from './report.js';

const further: readonly (readonly [title: string, task: Task])[] = [
  ['GET of 100 KB', { path: '/100k', seconds: 4, connections: 64 }],
  ['POST of 1 MB', { path: '/swallow', seconds: 4, connections: 16, bodyBytes: 1_048_576 }],
  ['GET of 10 MB', { path: '/10m', seconds: 4, connections: 8 }],
];

/** Gatehouse against its field, one machine, one run, alternating; the tables go to docs/performance.md. */
export async function compare(
  surroundings: Surroundings,
  redis: RedisServer,
  { quick, parts }: { quick: boolean; parts: readonly string[] },
): Promise<void> {
  const pace = quick ? { rounds: 2, warmUpSeconds: 2 } : { rounds: 5, warmUpSeconds: 4 };
  const seconds = quick ? 2 : 4;
  const where = heading(quick, pace.rounds, seconds);
  if (!parts.includes('small') && !parts.includes('bodies')) return;
  const contestants: Contestant[] = [];
  const tell = async (name: string, ...sections: string[]): Promise<void> => {
    const text = sections.join('\n\n');
    console.log(`${text}\n`);
    if (!quick) await writeSection(name, text);
  };
  try {
    const pair = [await startPassThrough(surroundings), await startGatehouse(surroundings)];
    contestants.push(...pair);
    if (parts.includes('small')) {
      contestants.push(await startFastify(surroundings), await startExpress(surroundings));
      if (!quick) contestants.push(await startExpressKeepAlive(surroundings));
      const apache = await startApache(surroundings);
      if (apache) contestants.push(apache);
      const absent = apache ? [] : [apacheName];
      const small = await alternate(contestants, { path: '/1k', seconds, connections: 64 }, redis, pace);
      await tell('small', where, overview(small, passThroughName, expressName, absent));
    }
    if (!parts.includes('bodies')) return;
    const tables: string[] = [];
    for (const [title, task] of further) {
      const samples: Map<string, Sample[]> = await alternate(pair, { ...task, seconds }, redis, pace);
      tables.push(single(title, samples, gatehouseName, passThroughName));
    }
    await tell('bodies', where, ...tables);
  } finally {
    await Promise.all(contestants.map((contestant) => contestant.stop()));
  }
}
