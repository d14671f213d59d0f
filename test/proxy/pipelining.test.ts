import { afterEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../world/redis.js';
import { closeAll, closing, gateway, rawClient, rawUpstream, upstream } from './harness.js';
import { seenAnswers } from './seen-answers.js';

afterEach(closeAll);

const get = (name: string, more = ''): string => `GET /proxy/acme/${name} HTTP/1.1\r\nHost: h\r\n${more}\r\n`;
const answer = (body: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
/** The last of the calls that one connection of the API has received. */
const lastOf = (received: string): string => /.*\/v1\/(\w+) HTTP/s.exec(received)?.[1] ?? '';

test('a caller who leaves ends all its calls, also those whose turn to be answered had not come', async () => {
  const api = await rawUpstream(() => undefined);
  const gate = await gateway(api.url);
  const client = rawClient(gate.port, get('one') + get('two') + get('three'));
  await Promise.all(['/one', '/two', '/three'].map((name) => api.until(name)));
  const made = api.sockets.slice();
  client.socket.destroy();
  for (const socket of made) expect(await closing(socket)).toBeLessThan(1000);
  await gate.outcome(3);
  expect(gate.outcomes).toMatchObject(Array(3).fill({ source: 'client_abort' }));
});

const post = (name: string): string => `POST /proxy/acme/${name} HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody`;

test.each([
  ['one that changes something behind one that reads', get('one') + post('two')],
  ['one that reads behind one that changes something', post('one') + get('two')],
  ['two that change something', post('one') + post('two')],
])('%s waits for its turn', async (_, requests) => {
  const responses = new Map<string, () => void>();
  const api = await rawUpstream((received, socket) => {
    responses.set(lastOf(received), () => socket.write(answer('here')));
  });
  const gate = await gateway(api.url);
  const client = rawClient(gate.port, requests + get('three'));
  for (const name of ['one', 'two', 'three']) {
    await api.until(`/${name} `);
    expect([...responses.keys()]).toEqual(['one', 'two', 'three'].slice(0, responses.size));
    expect(responses.has(name)).toBe(true);
    expect(api.received().match(/\/v1\//g)).toHaveLength(responses.size);
    responses.get(name)?.();
  }
  await eventually(() => Promise.resolve(client.text().match(/here/g)?.length === 3));
});

test('calls that were answered, but not in turn before their caller left, are told of once', async () => {
  let isAnswered = (): void => undefined;
  const answered = new Promise<void>((resolve) => (isAnswered = resolve));
  const api = await rawUpstream((received, socket) => {
    if (lastOf(received) !== 'one') socket.write(answer('here'), isAnswered);
  });
  const gate = await gateway(api.url);
  const client = rawClient(gate.port, get('one') + get('two'));
  await answered;
  client.socket.destroy();
  await gate.outcome(2);
  const next = rawClient(gate.port, get('next', 'Connection: close\r\n'));
  expect(seenAnswers((await next.closed).text)).toMatchObject([{ body: 'here', whole: true }]);
  await gate.outcome(3);
  expect(gate.outcomes).toMatchObject([{ source: 'client_abort' }, { source: 'client_abort' }, { source: 'upstream' }]);
});

test('an answer that breaks off in the middle of others ends them, and each is told of once', async () => {
  let answerFirst = (): void => undefined;
  const api = await rawUpstream((received, socket) => {
    const name = lastOf(received);
    if (name === 'one') answerFirst = () => socket.write(answer(name));
    else if (name === 'two') socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
    else socket.write(answer(name));
  });
  const gate = await gateway(api.url);
  const client = rawClient(gate.port, ['one', 'two', 'three', 'four'].map((name) => get(name)).join(''));
  await Promise.all([gate.outcome(1), api.until('/one')]);
  answerFirst();
  const [first, ...others] = seenAnswers((await client.closed).text);
  expect(first).toMatchObject({ body: 'one', whole: true });
  expect(others.map(({ body }) => body).join('')).not.toMatch(/three|four/);
  await gate.outcome(4);
  const told = gate.outcomes.map((outcome) =>
    'brokenBy' in outcome ? 'broken' : 'source' in outcome && outcome.source,
  );
  expect(told).toEqual(['broken', 'upstream', 'client_abort', 'client_abort']);
});

/** Resolves when a number has not grown for 300 ms. */
async function standstill(number: () => number): Promise<void> {
  for (let before = -1; before !== number();) {
    before = number();
    await pause(300);
  }
}

test.each([200, 401])('a large %i holds the API back until its turn has come', async (status) => {
  const total = 64 * 1024 * 1024;
  const piece = Buffer.alloc(65_536, 'x');
  let written = 0;
  let first: ServerResponse | undefined;
  const api = await upstream((req, res) => {
    if (req.url === '/v1/one') {
      first = res;
      return;
    }
    const more = (): void => {
      while (written < total) {
        written += piece.length;
        if (!res.write(piece)) return;
      }
      res.end();
    };
    res.writeHead(status, { 'Content-Length': total }).on('drain', more);
    more();
  });
  const heldFirst = () => standstill(() => written).then(() => undefined);
  const gate = await gateway(api.url, { onAuthFailure: heldFirst });
  const { socket } = rawClient(gate.port, get('one') + get('two', 'Connection: close\r\n'));
  if (status === 401) await eventually(() => Promise.resolve(written > 0)).then(heldFirst);
  await standstill(() => written);
  expect(written).toBeLessThan(total / 2);
  let received = 0;
  socket.removeAllListeners('data').on('data', (chunk) => (received += chunk.length));
  first?.end('one');
  await once(socket, 'close');
  expect(received).toBeGreaterThan(total);
});

test('a refusal in many small chunks waits for its turn with one listener', async () => {
  const api = await rawUpstream((received, socket) => {
    const chunks = `${'1\r\nx\r\n'.repeat(60_000)}0\r\n\r\n`;
    if (lastOf(received) === 'two') socket.write(`HTTP/1.1 401 No\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`);
  });
  const gate = await gateway(api.url, { onAuthFailure: () => pause(100, undefined) });
  const begun: ServerResponse[] = [];
  gate.http.server.prependListener('request', (_req: IncomingMessage, res: ServerResponse) => begun.push(res));
  rawClient(gate.port, get('one') + get('two'));
  await eventually(() =>
    Promise.resolve(begun[1] !== undefined && begun[1].writableLength >= begun[1].writableHighWaterMark),
  );
  expect(begun[1]?.listenerCount('drain')).toBe(1);
});

test('a server that is drained cuts off nobody who still reads what was answered', async () => {
  const body = 'x'.repeat(60_000);
  const api = await rawUpstream((received, socket) => {
    if (received.endsWith('\r\n\r\n')) socket.write(answer(body));
  });
  const gate = await gateway(api.url);
  const begun: ServerResponse[] = [];
  gate.http.server.prependListener('request', (_req: IncomingMessage, res: ServerResponse) => begun.push(res));
  const client = rawClient(gate.port, get('x').repeat(250));
  await client.until('\r\n\r\n');
  client.socket.pause();
  const isOnItsWay = (res: ServerResponse): boolean =>
    res.socket !== null && res.writableEnded && !res.writableFinished;
  await eventually(() => Promise.resolve(begun.some(isOnItsWay)));
  // What never said anything is closed when the idle are.
  const silent = connect(gate.port, '127.0.0.1');
  await once(gate.http.server, 'connection');
  const drained = gate.http.drain(60_000);
  await once(silent.resume(), 'close');
  client.socket.resume();
  const answers = seenAnswers((await client.closed).text);
  expect(answers.map(({ whole }) => whole)).toEqual(answers.map(() => true));
  expect(await drained).toBe(true);
});
