import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import express from 'express';
import { afterAll, expect, test } from '@jest/globals';
import { createLog } from '../../src/log/log.js';
import { createCrossOrigin } from '../../src/middleware/cross-origin.js';
import type { ProblemBody } from '../../src/http/problem.js';
import { errorHandler } from '../../src/middleware/error-handler.js';
import { createOriginRules } from '../../src/middleware/origin.js';
import { requestId } from '../../src/http/request-id.js';
import { createViews } from '../../src/views/render.js';
import { startApp } from '../world/app.js';
import { createBrowser } from '../world/browser.js';
import { freePort } from '../world/listen.js';
import type { Answer } from '../world/answer.js';

const closers: (() => void)[] = [];
afterAll(() => closers.forEach((close) => close()));

/** The real last line of the app, behind a route that breaks. */
async function broken(page: (problem: ProblemBody) => string): Promise<{ url: string; lines: string[] }> {
  const lines: string[] = [];
  const log = createLog({ level: 'debug', format: 'json', destination: { write: (line) => lines.push(line) } });
  const app = express().disable('x-powered-by').use(requestId);
  app.use(() => {
    throw new TypeError('canary-in-the-message', { cause: new Error('canary-in-the-cause') });
  });
  const registry = { get: () => undefined, all: () => [] };
  app.use(
    errorHandler({
      crossOrigin: createCrossOrigin({
        origins: createOriginRules('http://localhost', []),
        anyAllowed: false,
        https: false,
        methodsOf: () => [],
      }),
      https: false,
      signIn: () => undefined,
      log,
      registry,
      address: (path) => path,
      page: (_req, _res, problem) => page(problem),
    }),
  );
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, lines };
}

function expectNoInsight(answer: Answer, status = 500): void {
  expect(answer.status).toBe(status);
  for (const told of [answer.text, answer.rawHeaders.join('\n').replaceAll('127.0.0.1', '')])
    expect(told).not.toMatch(/canary|\bat .*:\d+:\d+|node_modules|\/src\/|\/dist\/|TypeError|express|\d+\.\d+\.\d+/i);
  expect(answer.headers['x-powered-by']).toBeUndefined();
}

test('an unexpected error tells neither stack nor path nor version, on a page or as JSON, and its class in the log', async () => {
  const views = createViews({ directory: new URL('../../views/', import.meta.url), basePath: '' });
  const page = ({ request_id }: ProblemBody) =>
    views.render(
      'error',
      { code: 'internal_error', request_id, provider: null, connect_url: null, retry_after: null },
      'en',
    );
  const { url, lines } = await broken(page);
  const html = await createBrowser(url).get('/', { accept: 'text/html' });
  const json = await createBrowser(url).get('/', { accept: 'application/json' });
  expectNoInsight(html);
  expectNoInsight(json);
  expect(json.json).toMatchObject({ code: 'internal_error', request_id: json.headers['x-request-id'] });
  expect(html.text).toContain(String(html.headers['x-request-id']));
  expect(lines.filter((line) => line.includes('TypeError < Error'))).toHaveLength(2);
  expect(lines.join('')).not.toContain('canary');
});

test('a page of an error that itself breaks is answered with JSON', async () => {
  const { url, lines } = await broken(() => {
    throw new Error('canary-in-the-page');
  });
  const answer = await createBrowser(url).get('/', { accept: 'text/html' });
  expectNoInsight(answer);
  expect(answer.json).toMatchObject({ code: 'internal_error' });
  expect(lines.join('')).toContain('page.failed');
});

test('the whole server says no more: owner keys that cannot be fetched', async () => {
  const app = await startApp({ OWNER_JWKS_URL: `http://127.0.0.1:${await freePort()}/jwks`, OWNER_AUDIENCE: 'x' });
  const head = Buffer.from('{"alg":"RS256"}').toString('base64url');
  const json = { assertion: `${head}.e30.c2ln` };
  const answer = await createBrowser(app.url).api.put('/api/session/owner', { json });
  await app.close();
  expectNoInsight(answer, 503);
});
