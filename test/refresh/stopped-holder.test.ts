import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { createBrowser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import type { TokenBend } from '../world/misbehaving/token-answer.js';
import { startProcess, type ServerProcess } from '../world/process.js';
import { eventually } from '../world/redis.js';
import type { Answer } from '../world/answer.js';
import { startRefreshWorld, type RefreshWorld } from './refresh-world.js';

let world: RefreshWorld;
let processes: ServerProcess[];

beforeAll(async () => {
  world = await startRefreshWorld({ apps: 0, authorizationServer: { reuseDetection: false } });
  const first = await startProcess(world.env);
  const others = [1, 2, 3].map(() => startProcess({ ...world.env, PUBLIC_URL: first.url }));
  processes = [first, ...(await Promise.all(others))];
}, 60_000);
afterAll(async () => {
  await Promise.all(processes.map(({ child, exited }) => (child.kill('SIGKILL'), exited)));
  await world.close();
});

type Call = (server: ServerProcess) => Promise<Answer>;

/** A connection whose token has expired, seen at one process. */
async function expired(): Promise<Call> {
  world.server.bend.token = { on: 'authorization_code', body: { expires_in: 1 } };
  const browser = createBrowser(processes[0]?.url ?? '');
  await connect(browser, 'acme');
  await pause(1_100);
  return (server: ServerProcess): Promise<Answer> => world.at(browser, server.port).api.get('/proxy/acme/x');
}

/** Sends a call to this process and resolves when its refresh token has arrived; the answer to that comes with `answer`. */
async function asking(call: Call, holder: ServerProcess, bend: Partial<TokenBend> = {}) {
  let answer = (): void => undefined;
  const wait = new Promise<void>((resolve) => (answer = resolve));
  const before = world.refreshes();
  world.server.bend.token = { on: 'refresh_token', times: 1, wait, ...bend };
  const called = call(holder).catch(() => undefined);
  await eventually(() => Promise.resolve(world.refreshes() === before + 1));
  return { called, answer };
}

test('a holder that died gives way soon, one that is stopped keeps its lock, and its late tokens are not lost', async () => {
  const [other, brief, lasting, doomed] = processes;
  if (!other || !brief || !lasting || !doomed) throw new Error('four processes');
  const [short, long, orphaned] = [await expired(), await expired(), await expired()];
  const [first, second] = [await asking(short, brief), await asking(long, lasting)];
  const third = await asking(orphaned, doomed, { reply: { instead: 'cut' } });

  // Stopped with the answer on its way: the refresh token is spent, and the new tokens lie in the holder's socket.
  const stoppedAt = performance.now();
  for (const { child } of [brief, lasting]) child.kill('SIGSTOP');
  doomed.child.kill('SIGKILL');
  await doomed.exited;
  for (const { answer } of [first, second, third]) answer();
  const began = performance.now();
  const waiting = [short(other), long(other)];
  expect((await orphaned(other)).status).toBe(200);
  expect(performance.now() - began).toBeLessThan(9_000);

  // Longer than a token call may take, shorter than the lock lives.
  await pause(11_500 - (performance.now() - stoppedAt));
  brief.child.kill('SIGCONT');
  expect((await waiting[0])?.status).toBe(200);
  expect((await first.called)?.status).toBe(200);

  // Longer than the lock lives: another process sends the spent refresh token, and is refused.
  expect((await waiting[1])?.status).toBe(401);
  lasting.child.kill('SIGCONT');
  await eventually(async () => (await long(other)).status === 200);
  expect((await short(other)).status).toBe(200);
  expect(world.refreshes()).toBe(5);
}, 60_000);
