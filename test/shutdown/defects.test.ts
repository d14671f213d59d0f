import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { request } from 'node:http';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { testEnvironment } from '../world/app.js';
import { createBrowser, type Browser } from '../world/browser.js';
import { freePort } from '../world/listen.js';
import { startProcess, type ServerProcess } from '../world/process.js';

let server: ServerProcess;
let browser: Browser;

beforeEach(async () => {
  const preload = fileURLToPath(new URL('fault-on-request.mjs', import.meta.url));
  server = await startProcess(
    await testEnvironment({
      NODE_OPTIONS: `--import ${preload}`,
      SANDBOX: 'on',
      SANDBOX_PORT: String(await freePort()),
    }),
  );
  browser = createBrowser(server.url);
});
afterEach(async () => {
  server.child.kill('SIGKILL');
  await server.exited;
});

const ask = (fault: string) => browser.api.get('/api/session', { headers: { 'x-fault': fault } });

test('a handler that fails is one request’s 500, and the process lives', async () => {
  const failed = await ask('throw');
  expect(failed.status).toBe(500);
  expect(failed.json).toMatchObject({ code: 'internal_error', status: 500 });
  expect(failed.text).not.toContain('hunter2');
  expect((await ask('')).status).toBe(200);
  expect(server.lines.join('\n')).not.toContain('hunter2');
});

test('a rejection that nobody handles is logged, and the process lives', async () => {
  expect((await ask('stray-rejection')).status).toBe(200);
  await server.line(/process\.unhandled_rejection/);
  expect((await ask('')).status).toBe(200);
  expect(server.lines.join('\n')).not.toContain('hunter2');
});

test('after an uncaught exception what is under way is finished, and the exit code is not 0', async () => {
  const slow = request({
    port: server.port,
    host: '127.0.0.1',
    method: 'POST',
    path: '/logout',
    headers: { 'content-length': 3, 'content-type': 'application/json' },
  });
  slow.write('{ ');
  const answered = once(slow, 'response');
  await ask('uncaught');
  await server.line(/process\.uncaught_exception/);
  expect((await browser.get('/readyz')).status).toBe(503);
  slow.end('}');
  await answered;
  expect(await server.exited).toEqual({ code: 1, signal: null });
  expect(server.lines.join('\n')).not.toContain('hunter2');
}, 30_000);
