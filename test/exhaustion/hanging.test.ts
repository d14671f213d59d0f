import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect, type Socket } from 'node:net';
import { startRedis, type RedisServer } from '../world/redis.js';
import type { ServerProcess } from '../world/process.js';
import { longest, startLoad } from '../store-faults/load.js';
import { openStage, type Stage } from '../store-faults/stage.js';

let redis: RedisServer;
let stage: Stage;
let server: ServerProcess;
const sockets: Socket[] = [];

beforeAll(async () => {
  redis = await startRedis();
  stage = await openStage({ redisUrl: redis.url, env: { LOG_LEVEL: 'warn' } });
  server = await stage.start();
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await stage.close();
  await redis.stop();
});

test('one person with 500 calls that hang is told to wait; everybody else goes on', async () => {
  const [greedy, modest] = [stage.person(server), stage.person(server)];
  await greedy.connect();
  await modest.connect();
  let letGo = (): void => undefined;
  const wait = new Promise<void>((resolve) => (letGo = resolve));
  stage.upstream.answer('/v1/hanging', { wait });
  const calls = Array.from({ length: 500 }, () => greedy.browser.api.get('/proxy/acme/v1/hanging'));
  const refused = await Promise.race(calls);
  expect([refused.status, refused.headers['x-gatehouse-error'], refused.headers['retry-after']]).toEqual([
    429,
    'rate_limited',
    '1',
  ]);
  const began = performance.now();
  for (let round = 0; round < 10; round += 1) expect((await modest.call()).status).toBe(200);
  expect(performance.now() - began).toBeLessThan(5000);
  await answered(calls, 400);
  letGo();
  const statuses = (await Promise.all(calls)).map(({ status }) => status);
  expect([statuses.filter((status) => status === 200).length, new Set(statuses)]).toEqual([100, new Set([200, 429])]);
  expect((await greedy.call()).status).toBe(200);
});

test('a store that takes no writes limits nobody below the limit, and makes no failure of its own', async () => {
  const person = stage.person(server);
  await person.connect();
  expect((await person.call()).status).toBe(200);
  let letGo = (): void => undefined;
  const wait = new Promise<void>((resolve) => (letGo = resolve));
  stage.upstream.answer('/v1/hanging', { wait });
  await redis.cli('config', 'set', 'maxmemory-policy', 'noeviction');
  await redis.cli('config', 'set', 'maxmemory', '1');
  try {
    const calls = Array.from({ length: 130 }, () => person.browser.api.get('/proxy/acme/v1/hanging'));
    expect((await Promise.race(calls)).status).toBe(429);
    await answered(calls, 30);
    letGo();
    const statuses = (await Promise.all(calls)).map(({ status }) => status);
    expect([statuses.filter((status) => status === 200).length, new Set(statuses)]).toEqual([100, new Set([200, 429])]);
  } finally {
    await redis.cli('config', 'set', 'maxmemory', '0');
  }
});

/** Resolves when so many of the calls have an answer: all others are under way. */
function answered(calls: readonly Promise<unknown>[], count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = count;
    for (const call of calls) call.then(() => (left -= 1) === 0 && resolve(), reject);
  });
}

/** A connection that says this and no more, but a byte every so often. Resolves with the milliseconds until it is closed. */
function slow(head: string, drip?: { byte: string; everyMs: number }): Promise<number> {
  return new Promise((resolve) => {
    const began = performance.now();
    const socket = connect(server.port, '127.0.0.1', () => socket.write(head));
    sockets.push(socket);
    const dripping = drip && setInterval(() => socket.writable && socket.write(drip.byte), drip.everyMs);
    socket.resume().on('error', () => undefined);
    socket.once('close', () => {
      clearInterval(dripping);
      resolve(performance.now() - began);
    });
  });
}

test('slow headers, slow bodies and silent connections are closed, and healthy calls notice nothing', async () => {
  const person = stage.person(server);
  await person.connect();
  const post = (path: string) => `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 30000\r\nX-CSRF: 1\r\n`;
  const form = 'Content-Type: application/x-www-form-urlencoded\r\n\r\n';
  const times = (count: number, make: () => Promise<number>) => Array.from({ length: count }, make);
  const ended = [
    ...times(150, () => slow('')),
    ...times(100, () => slow('GET / HTTP/1.1\r\nX-A: ', { byte: 'a', everyMs: 1000 })),
    ...times(50, () => slow(post('/logout') + form, { byte: 'a', everyMs: 1000 })),
    ...times(50, () => slow(`${post('/proxy/acme/v1/things')}\r\n`, { byte: 'a', everyMs: 1000 })),
  ];
  const load = startLoad(server, [person], 20);
  const closedAfter = await Promise.all(ended);
  const seen = await load.stop();
  expect(Math.max(...closedAfter)).toBeLessThan(25_000);
  expect(new Set(seen.map(({ status }) => status))).toEqual(new Set([200]));
  expect(longest(seen)).toBeLessThan(1500);
}, 40_000);
