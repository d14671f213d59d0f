import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { testEnvironment } from '../world/app.js';
import { startMisbehaving, type MisbehavingServer } from '../world/misbehaving.js';
import { createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';
import { eventually } from '../world/redis.js';
import { createBrowser } from '../world/browser.js';
import { connect } from '../world/journey.js';

const dist = (path: string) => fileURLToPath(new URL(`../../dist/${path}`, import.meta.url));
let server: MisbehavingServer;
let directory: ProvidersDirectory;
let children: ChildProcess[] = [];

beforeAll(async () => {
  server = await startMisbehaving();
  directory = await createProvidersDirectory({ acme: server.providerFile() });
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
});
afterAll(() => Promise.all([server.close(), directory.remove()]));

type Output = 'pipe' | number;

async function start(stdio: [Output, Output], args = [dist('main.js')]) {
  const env = await testEnvironment({ PROVIDERS_DIR: directory.path, ...server.environment('acme') });
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', ...stdio] });
  children.push(child);
  const url = `http://127.0.0.1:${env['PORT']}`;
  const health = async () => (await createBrowser(url).get('/healthz')).status;
  await eventually(async () => (await health()) === 200, 60_000);
  return { child, url: `http://localhost:${env['PORT']}`, health };
}

/** Clock ticks of processor time that the process has used (Linux: a hundred a second). */
async function ticks({ pid }: ChildProcess): Promise<number> {
  const fields = (await readFile(`/proc/${pid ?? 0}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

async function servesAndEnds({ child, url, health }: Awaited<ReturnType<typeof start>>): Promise<void> {
  const browser = createBrowser(url);
  await connect(browser, 'acme');
  for (let call = 0; call < 20; call += 1) {
    const { status } = await browser.api.get('/proxy/acme/x');
    expect(status).toBeGreaterThan(0);
  }
  const before = await ticks(child);
  await wait(1_500);
  // A loop of exceptions would use all of a processor.
  expect((await ticks(child)) - before).toBeLessThan(75);
  expect(await health()).toBe(200);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
}

test.each([
  ['standard output', ['stdout']],
  ['standard error', ['stderr']],
  ['both', ['stdout', 'stderr']],
] as const)(
  'the reader of %s goes away: calls are served, nothing loops, and the process ends in order',
  async (_what, names) => {
    const running = await start(['pipe', 'pipe']);
    for (const name of ['stdout', 'stderr'] as const) running.child[name]?.resume();
    for (const name of names) running.child[name]?.destroy();
    await servesAndEnds(running);
  },
  90_000,
);

test('what is lost on standard output is said on standard error, once', async () => {
  const running = await start(['pipe', 'pipe']);
  let said = '';
  running.child.stderr?.on('data', (text: Buffer) => (said += text.toString()));
  running.child.stdout?.destroy();
  await servesAndEnds(running);
  expect(said.match(/cannot be written to standard output \(EPIPE\)/g)).toHaveLength(1);
}, 90_000);

test('a full disk behind the log costs lines and nothing else', async () => {
  const full = openSync('/dev/full', 'w');
  await servesAndEnds(await start([full, full]));
}, 90_000);

test('the same holds for a server that the command line has started', async () => {
  const running = await start(['pipe', 'pipe'], [dist('command-line/main.js'), 'start']);
  running.child.stderr?.resume();
  running.child.stdout?.destroy();
  await servesAndEnds(running);
}, 90_000);
