import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { RedisServer } from '../test/world/redis.js';
import type { Contestant, Surroundings } from './contestant.js';
import { seedSessions, startGatehouse } from './gatehouse.js';
import { alternate, median } from './measure.js';
import { heading, table, writeSection } from './report.js';

/** What a call costs when there is more of everything; the table goes to docs/performance.md. */
export async function scale(
  surroundings: Surroundings,
  redis: RedisServer,
  { quick, connections }: { quick: boolean; connections: number },
): Promise<void> {
  const pace = quick ? { rounds: 2, warmUpSeconds: 2 } : { rounds: 5, warmUpSeconds: 3 };
  const task = { path: '/1k', seconds: quick ? 2 : 3, connections: 64 };
  const { directory, redisUrl, token } = surroundings;
  const rows: string[][] = [];
  const compare = async (what: string, small: Contestant, large: Contestant, limit: string): Promise<void> => {
    const pair = [
      { ...small, name: 'small' },
      { ...large, name: 'large' },
    ];
    const samples = await alternate(pair, task, redis, pace);
    const of = (name: string, field: 'cpu' | 'redisCommands') =>
      median((samples.get(name) ?? []).map((sample) => sample[field]));
    const [before, after] = [of('small', 'cpu'), of('large', 'cpu')];
    const commands = ['small', 'large'].map((name) => of(name, 'redisCommands').toFixed(2)).join(' → ');
    rows.push([what, before.toFixed(0), after.toFixed(0), (after / before).toFixed(2), limit, commands]);
  };
  const withCookies = (gatehouse: Contestant, name: string, cookies: readonly string[]): Contestant => {
    const cookieFile = join(directory, name);
    writeFileSync(cookieFile, `${cookies.join('\n')}\n`);
    return { ...gatehouse, headers: { 'X-CSRF': '1' }, cookieFile };
  };

  const four = await startGatehouse(surroundings, { furtherProviders: 3 });
  const many = await startGatehouse(surroundings, { furtherProviders: 399 });
  try {
    await compare('4 → 400 providers', four, many, '1.10');
    await many.stop();

    const [cookie = ''] = await seedSessions(redisUrl, 1, randomBytes(6144).toString('base64url'));
    const long = { ...four, headers: { ...four.headers, Cookie: cookie } };
    await compare('1 KB → 8 KB access token', four, long, '1.25');

    const [usedBefore, few] = [await memory(redis), await seedSessions(redisUrl, 1000, token)];
    await compare('1 → 1,000 sessions in turn', four, withCookies(four, 'few', few), '–');
    const before = withCookies(four, 'before', few);
    const costBefore = await alternate([before], task, redis, pace);
    const all = await seedSessions(redisUrl, connections - 1000, token);
    const costAfter = await alternate([before], task, redis, pace);
    const [small, large] = [costBefore, costAfter].map((samples) =>
      median([...samples.values()].flat().map(({ cpu }) => cpu)),
    ) as [number, number];
    const stored = connections.toLocaleString('en');
    rows.push([
      `1,000 → ${stored} stored connections`,
      small.toFixed(0),
      large.toFixed(0),
      (large / small).toFixed(2),
      '1.10',
      '–',
    ]);
    const spread = withCookies(four, 'spread', all.slice(0, 50_000));
    await compare(
      `1,000 → ${Math.min(50_000, all.length).toLocaleString('en')} sessions in turn, more than are remembered`,
      before,
      spread,
      '–',
    );
    const perConnection = ((await memory(redis)) - usedBefore) / connections;

    const text = [
      heading(quick, pace.rounds, task.seconds),
      table(['what grows', 'CPU µs before', 'after', 'ratio', 'goal', 'Redis commands'], rows),
      `Redis memory for a session with one connection and a token of 1 KB: ${perConnection.toFixed(0)} bytes, over ${stored} of them.`,
    ].join('\n\n');
    console.log(text);
    if (!quick) await writeSection('scale', text);
  } finally {
    await Promise.all([four.stop(), many.stop()]);
  }
}

async function memory(redis: RedisServer): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.cli('info', 'memory'))?.[1] ?? Number.NaN);
}
