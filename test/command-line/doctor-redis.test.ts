import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../world/listen.js';
import { startRedis } from '../world/redis.js';
import { makeCertificates } from '../world/certificates.js';
import { startDoctorWorld, type DoctorWorld } from './doctor-world.js';

let world: DoctorWorld;
beforeAll(async () => {
  world = await startDoctorWorld();
});
afterAll(() => world.close());

const password = randomBytes(24).toString('hex');

test('a wrong password is named for what it is', async () => {
  const { code, problems, output } = await world.examine({
    REDIS_URL: `redis://:${password}@127.0.0.1:${world.redis.port}/0`,
  });
  expect(code).toBe(1);
  expect(problems).toMatchObject([{ check: 'Redis', where: 'REDIS_URL', what: 'Redis cannot be used (WRONGPASS)' }]);
  expect(output).not.toContain(password);
});

test('a Redis that is not there is named for what it is', async () => {
  const { problems } = await world.examine({ REDIS_URL: `redis://:${password}@127.0.0.1:${await freePort()}/0` });
  expect(problems).toMatchObject([
    { what: 'Redis cannot be used (ECONNREFUSED)', remedy: expect.stringContaining('Start it') },
  ]);
});

test('a Redis that throws sessions away when it is full is a problem', async () => {
  await world.redis.cli('config', 'set', 'maxmemory-policy', 'allkeys-lru');
  const { code, problems } = await world.examine();
  await world.redis.cli('config', 'set', 'maxmemory-policy', 'noeviction');
  expect(code).toBe(1);
  expect(problems).toMatchObject([
    { where: `127.0.0.1:${world.redis.port}`, what: expect.stringContaining('eviction policy allkeys-lru') },
  ]);
});

test('a Redis that keeps nothing on disk, asks for no password and is nearly full is warned about', async () => {
  const bare = await startRedis();
  try {
    await bare.cli('setrange', 'much', '20000000', 'x');
    const [, used = 0] = /used_memory:(\d+)/.exec(await bare.cli('info', 'memory')) ?? [];
    await bare.cli('config', 'set', 'maxmemory', String(Number(used) + 1_000_000));
    const { code, problems, warnings, findings } = await world.examine({ REDIS_URL: bare.url });
    expect([code, problems]).toEqual([0, []]);
    expect(warnings.map(({ what }) => what)).toEqual([
      expect.stringContaining('no persistence'),
      expect.stringContaining('% full'),
    ]);
    expect(findings).toContainEqual(expect.objectContaining({ level: 'note', what: 'Redis asks for no password' }));

    await bare.cli('config', 'set', 'maxmemory', '500000');
    const { problems: full } = await world.examine({ REDIS_URL: bare.url });
    expect(full).toMatchObject([
      { what: 'Redis does not take writes (OOM)', remedy: expect.stringContaining('maxmemory') },
    ]);
  } finally {
    await bare.stop();
  }
});

test('a user who may do what the server does, and no more, is told what is not known and what is slower', async () => {
  await world.redis.cli(
    ...['acl', 'setuser', 'gate', 'on', `>${password}`, '~gh:*', 'resetchannels', '-@all'],
    ...'+get +mget +set +del +exists +incr +pexpire +pttl +time +eval +evalsha +ping'.split(' '),
  );
  const REDIS_URL = `redis://gate:${password}@127.0.0.1:${world.redis.port}/0`;
  const { code, problems, warnings, findings } = await world.examine({ REDIS_URL });
  expect([code, problems]).toEqual([0, []]);
  expect(warnings).toMatchObject([{ what: expect.stringContaining('client|tracking') }]);
  expect(findings).toContainEqual(expect.objectContaining({ level: 'note', what: expect.stringContaining('INFO') }));

  await world.redis.cli('acl', 'setuser', 'gate', '-set');
  const { problems: refused } = await world.examine({ REDIS_URL });
  expect(refused).toMatchObject([{ what: expect.stringContaining('may not use set') }]);
});

test('a certificate that nobody vouches for keeps Redis from being used, until REDIS_CA_FILE does', async () => {
  const { files, remove } = makeCertificates();
  const redis = await startRedis({ password, tls: files, args: ['--appendonly', 'yes'] });
  try {
    const { problems } = await world.examine({ REDIS_URL: redis.url });
    expect(problems).toMatchObject([{ what: expect.stringMatching(/CERT|VERIFY|ISSUER|SIGNATURE/) }]);
    const { code, findings } = await world.examine({ REDIS_URL: redis.url, REDIS_CA_FILE: files.caFile });
    expect(code).toBe(0);
    expect(findings.map(({ what }) => what)).toContain('one server over TLS, usable');
  } finally {
    await redis.stop();
    remove();
  }
});
