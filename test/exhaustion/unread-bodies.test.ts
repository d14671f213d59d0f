import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startProcess, type ServerProcess } from '../world/process.js';
import { clientEnvironment } from '../world/providers-directory.js';
import { send } from '../world/transport.js';
import { startUpstream, type Upstream } from '../world/upstream.js';
import { testEnvironment } from '../world/app.js';

const secret = 'wh-secret-of-the-test';
let operator: Upstream;
let server: ServerProcess;
const sockets: Socket[] = [];

beforeAll(async () => {
  operator = await startUpstream();
  operator.answer('/events', { status: 200 });
  server = await startProcess(
    await testEnvironment({
      ...clientEnvironment('request-finance', 'a', 'b'),
      ...clientEnvironment('invoiced', 'e', 'f'),
      REQUEST_FINANCE_WEBHOOK_SECRET: secret,
      REQUEST_FINANCE_WEBHOOK_FORWARD_URL: `${operator.origin}/events`,
    }),
  );
}, 60_000);
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all([server.stop(), operator.close()]);
});

const sign = (body: string | Buffer) => createHmac('sha256', secret).update(body).digest('hex');
const anySignature = `x-webhook-signature: ${sign('')}`;
const head = (line: string, ...headers: string[]) =>
  [`${line} HTTP/1.1`, 'host: localhost', ...headers, '', ''].join('\r\n');

/** Sends these bytes and nothing more. Resolves with what came until the server closed, and the milliseconds until then. */
function exchange(bytes: string, more?: (socket: Socket) => void): Promise<{ text: string; ms: number }> {
  return new Promise((resolve) => {
    const began = performance.now();
    let text = '';
    const socket = connect(server.port, '127.0.0.1', () => {
      socket.write(bytes);
      more?.(socket);
    });
    sockets.push(socket);
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1'))).on('error', () => undefined);
    socket.once('close', () => resolve({ text, ms: performance.now() - began }));
  });
}
const statusOf = (text: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]);
const codeOf = (text: string) => /"code":"(\w+)"/.exec(text)?.[1];

const json = 'content-type: application/json';
const form = 'content-type: application/x-www-form-urlencoded';
const proof = 'x-csrf: 1';
const sessionCookie = `cookie: gh.sid=s%3A${'a'.repeat(43)}.${'b'.repeat(43)}`;

describe('a body that is not taken is not asked for, and the answer comes without it', () => {
  test.each([
    ['an unknown provider', 404, 'unknown_provider', 'POST /webhooks/nobody', [anySignature]],
    ['a provider without webhooks', 404, 'not_found', 'POST /webhooks/invoiced', [anySignature]],
    ['no signature', 401, 'signature_invalid', 'POST /webhooks/request-finance', []],
    ['half a signature', 401, 'signature_invalid', 'POST /webhooks/request-finance', ['x-webhook-signature: 0abc']],
    ['two signatures', 401, 'signature_invalid', 'POST /webhooks/request-finance', [anySignature, anySignature]],
    ['another method', 405, 'method_not_allowed', 'PUT /webhooks/request-finance', [anySignature]],
    ['another spelling', 404, 'not_found', 'POST /WEBHOOKS/request-finance', [anySignature]],
    ['an unknown address', 404, 'not_found', 'POST /nowhere', [json, proof]],
    ['a form without proof', 403, 'csrf_required', 'POST /connect/request-finance', [form]],
    ['a form of another origin', 403, 'origin_not_allowed', 'POST /logout', [form, proof, 'origin: https://evil.test']],
    ['logging out without proof', 403, 'csrf_required', 'POST /logout', [form, sessionCookie]],
    ['an unknown provider in the API', 404, 'unknown_provider', 'DELETE /api/connections/nobody', [json, proof]],
    ['no session', 401, 'login_required', 'PUT /api/connections/request-finance/organization', [json, proof]],
    ['no session in the proxy', 401, 'login_required', 'POST /proxy/request-finance/things', [json, proof]],
    ['owners that are off', 404, 'not_found', 'PUT /api/session/owner', [json, proof]],
    ['another charset', 400, 'invalid_request', 'POST /logout', [`${form}; charset=utf-7`, proof]],
    ['an unknown coding', 400, 'invalid_request', 'POST /logout', [form, proof, 'content-encoding: zstd']],
  ])(
    '%s: %d %s',
    async (_what, status, code, line, headers) => {
      for (const framing of ['content-length: 900', 'transfer-encoding: chunked']) {
        const { text } = await exchange(head(line, 'expect: 100-continue', framing, ...headers));
        expect([statusOf(text), codeOf(text)]).toEqual([status, code]);
      }
    },
    30_000,
  );

  test.each([
    ['an event', 'POST /webhooks/request-finance', 1_048_577, [anySignature]],
    ['a form', 'POST /logout', 32_769, [form, proof]],
    ['JSON', 'DELETE /api/connections/request-finance', 10_000_000, [json, proof]],
  ])('%s above the limit is refused by its Content-Length', async (_what, line, length, headers) => {
    const { text } = await exchange(head(line, 'expect: 100-continue', `content-length: ${length}`, ...headers));
    expect([statusOf(text), codeOf(text)]).toEqual([413, 'body_too_large']);
    expect(text).toMatch(/^connection: close\r$/im);
  });
});

test('an event that is awaited is asked for', async () => {
  const body = JSON.stringify({ nonce: randomBytes(8).toString('hex') });
  const event = ['expect: 100-continue', `content-length: ${body.length}`, `x-webhook-signature: ${sign(body)}`];
  const { text } = await exchange(head('POST /webhooks/request-finance', 'connection: close', ...event), (socket) =>
    socket.once('data', () => socket.write(body)),
  );
  expect(text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
});

test('a body without end is refused at the limit, and one that unpacks to more than it', async () => {
  const chunk = `8000\r\n${'a'.repeat(0x8000)}\r\n`;
  for (const [line, headers] of [
    ['POST /webhooks/request-finance', [anySignature]],
    ['POST /logout', [form, proof]],
  ] as const) {
    const endless = exchange(head(line, 'transfer-encoding: chunked', ...headers), (socket) => {
      const pour = (): void => {
        while (socket.writable && socket.write(chunk));
      };
      socket.on('drain', pour);
      pour();
    });
    const { text, ms } = await endless;
    expect([
      [413, 'body_too_large'],
      [NaN, undefined],
    ]).toContainEqual([statusOf(text), codeOf(text)]);
    expect(ms).toBeLessThan(10_000);
  }
  const packed = gzipSync(`a=${'b'.repeat(10_000_000)}`);
  const url = new URL(`http://127.0.0.1:${server.port}/logout`);
  const headers = { 'x-csrf': '1', 'content-encoding': 'gzip', 'content-type': 'application/x-www-form-urlencoded' };
  expect((await send({ method: 'POST', url, headers, body: packed })).status).toBe(413);
}, 40_000);

test('a compressed form is read', async () => {
  const url = new URL(`http://127.0.0.1:${server.port}/connect/invoiced`);
  const headers = { 'x-csrf': '1', 'content-encoding': 'gzip', 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await send({ method: 'POST', url, headers, body: gzipSync('return_to=//evil.test') });
  expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('invalid_return_to')]);
});

/** Resident memory in bytes. */
const memory = () =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid ?? 0}/status`, 'utf8'))?.[1]) * 1024;

/** A body of which all but a byte comes at once, and then nothing but a byte now and then. */
const drip = (line: string, length: number, ...headers: string[]) =>
  exchange(head(line, `content-length: ${length}`, ...headers), (socket) => {
    socket.write('a'.repeat(length - 60));
    const timer = setInterval(() => socket.writable && socket.write('a'), 500);
    socket.once('close', () => clearInterval(timer));
  });

/** The same body, whole. */
const complete = (line: string, length: number, ...headers: string[]) =>
  exchange(head(line, `content-length: ${length}`, 'connection: close', ...headers), (socket) => {
    socket.write('a'.repeat(length));
  });

describe.each([
  ['events', 'POST /webhooks/request-finance', 1_000_000, [anySignature]],
  ['events of an unknown provider', 'POST /webhooks/nobody', 1_000_000, [anySignature]],
  ['forms', 'POST /logout', 32_000, [form, proof]],
  ['bodies at an unknown address', 'POST /nowhere', 1_000_000, [json, proof]],
])('60 connections that drip %s', (_what, line, length, headers) => {
  test('are gone within 20 seconds, and cost less than 20 MB', async () => {
    // What the first body ever costs, code and all, is not what sixty of them cost.
    await Promise.all(Array.from({ length: 10 }, () => complete(line, length, ...headers)));
    const before = memory();
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, memory())), 100);
    const ended = await Promise.all(Array.from({ length: 60 }, () => drip(line, length, ...headers)));
    clearInterval(watch);
    expect(Math.max(...ended.map(({ ms }) => ms))).toBeLessThan(20_000);
    expect((most - before) / 1_048_576).toBeLessThan(20);
    const statuses = new Set(ended.map(({ text }) => statusOf(text)));
    expect([200, 303].some((status) => statuses.has(status))).toBe(false);
  }, 30_000);
});

test('meanwhile and afterwards an event of the provider is taken', async () => {
  const dripping = Array.from({ length: 60 }, () => drip('POST /webhooks/request-finance', 50_000, anySignature));
  const url = new URL(`http://127.0.0.1:${server.port}/webhooks/request-finance`);
  const deliver = () => {
    const body = JSON.stringify({ nonce: randomBytes(8).toString('hex') });
    return send({ method: 'POST', url, headers: { 'x-webhook-signature': sign(body) }, body });
  };
  expect((await deliver()).status).toBe(200);
  await Promise.all(dripping);
  expect((await deliver()).status).toBe(200);
}, 30_000);
