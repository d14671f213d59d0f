import { afterEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import { closeAll, gateway, rawClient, rawUpstream } from './harness.js';
import { seenAnswers } from './seen-answers.js';

afterEach(closeAll);

/** Answers at the first byte of a call, and reads no further. */
const early = () =>
  rawUpstream((_, socket) => {
    if (!socket.isPaused()) socket.pause().write('HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig');
  });
const post = (version: string, framing: string): string =>
  `POST /proxy/acme/x HTTP/${version}\r\nHost: h\r\nConnection: close\r\n${framing}\r\n\r\n`;
const size = 12_000_000;

test.each([
  ['an answer of the API', 'HTTP/1.1', post('1.1', `Content-Length: ${size}`), {}],
  [
    'an answer to chunks',
    'HTTP/1.1 and chunks',
    post('1.1', 'Transfer-Encoding: chunked') + `${size.toString(16)}\r\n`,
    {},
  ],
  ['an answer of the API', 'HTTP/1.0', post('1.0', `Content-Length: ${size}`), {}],
  ['a refusal of ours', 'HTTP/1.1', post('1.1', `Content-Length: ${size}`), { maxBodyBytes: 1000 }],
])('behind %s who wants the connection closed may finish its body first: %s', async (_, _version, head, options) => {
  const gate = await gateway((await early()).url, {}, options);
  const client = rawClient(gate.port, `${head}x`);
  await client.until('\r\n\r\n');
  const rest = 'y'.repeat(size - 1) + (head.includes('chunked') ? '\r\n0\r\n\r\n' : '');
  expect(await new Promise((told) => client.socket.write(rest, told))).toBeFalsy();
  const { text, reset } = await client.closed;
  expect(seenAnswers(text)).toMatchObject([{ status: 413, whole: true }]);
  expect(reset).toBe(false);
});

test('who never finishes it is told that nothing follows, and then cut off', async () => {
  const gate = await gateway((await early()).url, {}, { lateBodyMs: 100 });
  const caller = connect({ port: gate.port, host: '127.0.0.1', allowHalfOpen: true });
  caller.on('error', () => undefined).resume();
  caller.write(`${post('1.1', `Content-Length: ${size}`)}x`);
  await once(caller, 'end');
  // Sending goes on until the connection is gone.
  const drip = setInterval(() => caller.write('y'), 10);
  await new Promise((resolve) => caller.once('close', resolve));
  clearInterval(drip);
});
