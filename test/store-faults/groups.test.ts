import { afterEach, expect, test } from '@jest/globals';
import { makeCertificates } from '../world/certificates.js';
import { eventually, type RedisGroup, type RedisServer, type RedisTls } from '../world/redis.js';
import { startSentinel } from '../world/redis-sentinel.js';
import { startCluster } from '../world/redis-cluster.js';
import { longest, startLoad, type Seen } from './load.js';
import { openStage, type Person, type Stage } from './stage.js';
import { suffer } from './outage.js';
import type { ServerProcess } from '../world/process.js';

let group: RedisGroup | undefined;
let stage: Stage | undefined;
afterEach(async () => {
  await stage?.close();
  await group?.stop();
});

async function openOver(
  started: RedisGroup,
  count: number,
  env: Record<string, string> = {},
): Promise<[ServerProcess, Person[]]> {
  group = started;
  stage = await openStage({ redisUrl: started.url, env });
  const server = await stage.start();
  const people: Person[] = [];
  for (let index = 0; index < count; index += 1) {
    const person = stage.person(server);
    await person.connect();
    people.push(person);
  }
  return [server, people];
}

function expectPatience(seen: readonly Seen[]): void {
  const answers = new Set(seen.map(({ status, code = '' }) => `${status} ${code}`.trim()));
  answers.delete('200');
  answers.delete('503 store_unavailable');
  expect([...answers]).toEqual([]);
  expect(longest(seen)).toBeLessThan(2000);
  expect(seen.flatMap(({ setCookies }) => setCookies)).toEqual([]);
}

/** Resolves when every replica has what its master has. */
async function replicated(nodes: readonly RedisServer[]): Promise<void> {
  for (const node of nodes) if ((await node.cli('role')).startsWith('master')) await node.cli('wait', '1', '2000');
}

test('a master that dies under its sentinels, one of which hangs: 503 until another is chosen, and nobody is logged out', async () => {
  const sentinels = await startSentinel();
  const [server, people] = await openOver(sentinels, 3);
  const [master] = sentinels.nodes;
  await master!.cli('wait', '2', '2000');
  // It is asked first and answers nothing, so that the news of the failover come while the master is being looked for.
  sentinels.sentinels[0]!.kill('SIGSTOP');
  const { seen, recoveryMs } = await suffer(server, people, { inflict: () => master!.kill('SIGKILL') });
  expectPatience(seen);
  expect(recoveryMs).toBeLessThan(20_000);
  for (const person of people) expect((await person.call()).status).toBe(200);
  await stage!.person(server).connect();
  // The old one is a replica now: nobody is led back to it.
  await master!.restart();
  await eventually(async () => (await master!.cli('role')).startsWith('slave'), 15_000);
  for (const person of people) expect((await person.call()).status).toBe(200);
}, 60_000);

test('sentinels that are all gone change nothing while the master lives', async () => {
  const sentinels = await startSentinel();
  const [server, people] = await openOver(sentinels, 2);
  for (const each of sentinels.sentinels) each.kill('SIGKILL');
  const load = startLoad(server, people, 40);
  for (let round = 0; round < 10; round += 1) await load.next(({ status }) => status === 200);
  expect((await load.stop()).map(({ status }) => status)).not.toContain(503);
  await stage!.person(server).connect();
});

test.each([
  ['sentinels', (tls: RedisTls) => startSentinel({ password: 'data-pw', sentinelPassword: 'sentinel-pw', tls })],
  ['a cluster', (tls: RedisTls) => startCluster({ password: 'data-pw', tls })],
])('%s with passwords and TLS: used with the right authority, refused with another', async (_what, start) => {
  const certificates = makeCertificates();
  try {
    const { files } = certificates;
    const env = { REDIS_CA_FILE: files.caFile, REDIS_SENTINEL_PASSWORD: 'sentinel-pw' };
    const [server, [person]] = await openOver(await start(files), 1, env);
    expect((await person!.call()).status).toBe(200);
    const other = await stage!.start({ ready: false, env: { REDIS_CA_FILE: files.strangerFile } });
    // Not only that connections are closed: what the operator has to correct.
    expect(JSON.parse(await other.line(/"store\.refused"/))).toMatchObject({
      code: expect.stringMatching(/^(UNABLE_TO_|SELF_SIGNED_|CERT_)/),
    });
    for (let round = 0; round < 5; round += 1) {
      const answer = await person!.at(other).call();
      expect([answer.status, answer.headers['x-gatehouse-error']]).toEqual([503, 'store_unavailable']);
      expect([answer.headers['retry-after'], answer.setCookies]).toEqual(['1', []]);
    }
    expect((await person!.at(server).call()).status).toBe(200);
    const told = [...server.lines, ...other.lines].filter((line) => /data-pw|sentinel-pw/.test(line));
    expect(told).toEqual([]);
  } finally {
    certificates.remove();
  }
});

test('a cluster that loses a master: only its sessions wait, and all of them are there again', async () => {
  const cluster = await startCluster();
  const [server, people] = await openOver(cluster, 9);
  await replicated(cluster.nodes);
  const { seen, recoveryMs } = await suffer(server, people, { inflict: () => cluster.nodes[0]!.kill('SIGKILL') });
  expectPatience(seen);
  expect(recoveryMs).toBeLessThan(40_000);
  for (const person of people) expect((await person.call()).status).toBe(200);
});

test('a cluster that moves a third of its slots under load: at most a moment’s 503, and every session stays', async () => {
  const cluster = await startCluster();
  const [server, people] = await openOver(cluster, 6);
  const [from, to] = cluster.nodes;
  const [fromId, toId] = [await from!.cli('cluster', 'myid'), await to!.cli('cluster', 'myid')];
  const load = startLoad(server, people, 40);
  const slots = ['--cluster-slots', '5461', '--cluster-yes', '--cluster-pipeline', '100'];
  await from!.cli(
    '--cluster',
    'reshard',
    `127.0.0.1:${from!.port}`,
    '--cluster-from',
    fromId,
    '--cluster-to',
    toId,
    ...slots,
  );
  await load.next(({ status }) => status === 200);
  const seen = await load.stop();
  expect(await to!.cli('cluster', 'nodes')).toMatch(new RegExp(`^${fromId} .* connected$`, 'm'));
  expectPatience(seen);
  for (const person of people) expect((await person.call()).status).toBe(200);
  await stage!.person(server).connect();
}, 60_000);
