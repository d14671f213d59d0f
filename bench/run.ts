import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts, startRedis } from '../test/world/redis.js';
import type { Surroundings } from './contestant.js';
import { compare } from './compare.js';
import { processes } from './processes.js';
import { start } from './start.js';
import { startUpstream } from './upstream.js';

const wanted = new Set(process.argv.slice(2));
const quick = wanted.has('--quick');
const only = [...wanted].find((flag) => flag.startsWith('--only='))?.slice('--only='.length);
const parts = (['small', 'bodies', 'processes', 'start'] as const).filter(
  (name) => only === undefined || name === only,
);
if (parts.length === 0) throw new Error('--only is one of small, bodies, processes and start');
/** How many connections `--scale` stores; a million take some minutes and 2 GB: `--connections=1000000`. */
const stored = Number(
  [...wanted].find((flag) => flag.startsWith('--connections='))?.split('=')[1] ?? (quick ? 10_000 : 200_000),
);
const directory = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
chmodSync(directory, 0o755);
const freePort = async (): Promise<number> => (await freePorts(1))[0] ?? 0;
const redis = await startRedis();
const upstream = await startUpstream(directory, await freePort());
const surroundings: Surroundings = {
  directory,
  redisUrl: redis.url,
  upstreamUrl: upstream.url,
  freePort,
  token: randomBytes(768).toString('base64url'),
};
try {
  if (wanted.has('--scale')) {
    const { scale } = await import('./scale.js');
    await scale(surroundings, redis, { quick, connections: stored });
  } else {
    await compare(surroundings, redis, { quick, parts });
    if (parts.includes('processes')) await processes(surroundings, redis, { quick });
    if (parts.includes('start')) await start(surroundings, { quick });
  }
} finally {
  await upstream.stop();
  await redis.stop();
  rmSync(directory, { recursive: true, force: true });
}
