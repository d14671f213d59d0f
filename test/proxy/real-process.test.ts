import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { eventually } from '../world/redis.js';
import { closeAll, rawClient } from './harness.js';
import { startRealProcess, type RealProcess } from './real-process.js';

const MB = 1024 * 1024;
const total = 200 * MB;
const piece = Buffer.alloc(65_536, 'x');

let api: RequestListener;
let world: RealProcess;
beforeAll(async () => {
  world = await startRealProcess((req, res) => {
    api(req, res);
  });
});
afterEach(closeAll);
afterAll(() => world.close());

/** Writes so many bytes as they are taken. Resolves when nothing was taken for 300 ms, or all of it. */
function pour(into: Writable, bytes: number, count: (written: number) => void): Promise<void> {
  return new Promise((stalled) => {
    let written = 0;
    let timer: NodeJS.Timeout | undefined;
    const more = (): void => {
      clearTimeout(timer);
      while (written < bytes && !into.destroyed) {
        written += piece.length;
        count(written);
        if (!into.write(piece)) {
          timer = setTimeout(stalled, 300);
          into.once('drain', more);
          return;
        }
      }
      stalled();
    };
    more();
  });
}

/** Counts what arrives, without keeping it, until there are so many bytes. */
function drink(from: Socket | IncomingMessage, bytes: number): Promise<void> {
  return new Promise((resolve) => {
    let received = 0;
    from.removeAllListeners('data');
    from.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (received >= bytes) resolve();
    });
    from.resume();
  });
}

/** The largest growth of the process's memory during an act, seen every 20 ms. */
async function growthDuring(act: () => Promise<void>): Promise<number> {
  const before = world.memory();
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, world.memory())), 20);
  await act();
  clearInterval(watch);
  return Math.max(peak, world.memory()) - before;
}

/** A caller who does not read at first, and how much the API could write meanwhile. */
async function download(bytes: number): Promise<number> {
  let written = 0;
  let stall: Promise<void> | undefined;
  api = (_req, res) => {
    res.writeHead(200, { 'Content-Length': bytes });
    stall = pour(res, bytes, (count) => {
      written = count;
      // An answer that is whole must be ended, or the next one on this connection waits for it.
      if (count >= bytes) setImmediate(() => res.end());
    });
  };
  const { socket, until } = rawClient(world.server.port, `GET /proxy/acme/x HTTP/1.1\r\n${world.identity}\r\n`);
  await until('\r\n\r\n');
  socket.pause();
  await stall;
  const held = written;
  await drink(socket, bytes - MB);
  socket.destroy();
  return held;
}

/** An API that does not read at first, and how much the caller could write meanwhile. */
async function upload(bytes: number, framing: 'sized' | 'chunked'): Promise<number> {
  let arrived: (req: IncomingMessage, res: ServerResponse) => void = () => undefined;
  const arrival = new Promise<[IncomingMessage, ServerResponse]>((resolve) => (arrived = (...both) => resolve(both)));
  api = (req, res) => {
    arrived(req, res);
  };
  const length = framing === 'sized' ? `Content-Length: ${bytes}` : 'Transfer-Encoding: chunked';
  const head = `POST /proxy/acme/x HTTP/1.1\r\n${world.identity}${length}\r\n\r\n`;
  // One chunk of the whole size: its framing is read piece by piece all the same.
  const client = rawClient(world.server.port, framing === 'sized' ? head : `${head}${bytes.toString(16)}\r\n`);
  let written = 0;
  await pour(client.socket, bytes, (count) => (written = count));
  const held = written;
  const [req, res] = await arrival;
  await drink(req, bytes);
  if (framing === 'chunked') client.socket.write('\r\n0\r\n\r\n');
  res.end('done');
  await client.until('done');
  client.socket.destroy();
  return held;
}

// V8 keeps buffers that are spent: up to 32 MB of them on Node.js 20, 64 MB on 24.
test('200 MB up and down stay in no memory, and who is slow holds back who is fast', async () => {
  await upload(2 * MB, 'sized');
  const held = { chunked: 0, down: 0, sized: 0 };
  expect(await growthDuring(async () => void (held.chunked = await upload(total, 'chunked')))).toBeLessThan(96 * MB);
  expect(await growthDuring(async () => void (held.down = await download(total)))).toBeLessThan(96 * MB);
  expect(await growthDuring(async () => void (held.sized = await upload(total, 'sized')))).toBeLessThan(96 * MB);
  for (const bytes of Object.values(held)) expect(bytes).toBeLessThan(total / 4);
}, 120_000);

test('events arrive one by one, and the caller’s leaving ends them', async () => {
  let stream: ServerResponse | undefined;
  api = (_req, res) => {
    stream = res;
    res.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
  };
  const client = rawClient(world.server.port, `GET /proxy/acme/events HTTP/1.1\r\n${world.identity}\r\n`);
  await client.until('\r\n\r\n');
  for (let event = 0; event < 5; event += 1) {
    stream!.write(`data: ${event}\n\n`);
    await client.until(`data: ${event}\n\n`);
  }
  const left = performance.now();
  client.socket.destroy();
  await once(stream!, 'close');
  expect(performance.now() - left).toBeLessThan(1000);
});

const kinds = [
  ['before the answer', 'GET /proxy/acme/silent HTTP/1.1\r\n', '\r\n'],
  ['during the download', 'GET /proxy/acme/begin HTTP/1.1\r\n', '\r\n'],
  ['during the upload', 'POST /proxy/acme/silent HTTP/1.1\r\nContent-Length: 1000000\r\n', '\r\nbegin'],
  ['during a small upload', 'POST /proxy/acme/silent HTTP/1.1\r\nContent-Length: 100\r\n', '\r\nbegin'],
] as const;

test('a thousand callers who leave cost no socket, descriptor or listener', async () => {
  let calls = 0;
  let ended = 0;
  api = (req, res) => {
    calls += 1;
    res.once('close', () => (ended += 1));
    if (req.url === '/begin') res.writeHead(200, { 'Content-Length': 1000 }).write('begin');
  };
  const round = async (): Promise<void> => {
    const clients = kinds.flatMap(([, head, rest]) =>
      Array.from({ length: 10 }, () => rawClient(world.server.port, `${head}${world.identity}${rest}`)),
    );
    // The small uploads never get there: they are kept back until they are whole.
    await eventually(async () => Promise.resolve(calls === 30));
    for (const { socket } of clients) socket.destroy();
    await eventually(async () => Promise.resolve(ended === 30), 1000);
    calls = ended = 0;
  };
  const none = (): Promise<void> => eventually(async () => Promise.resolve(world.sockets.size === 0), 20_000);
  await round();
  // In place of an aborted connection undici opens another one, which it closes when it is not needed for some seconds.
  await none();
  const before = world.descriptors();
  for (let count = 0; count < 25; count += 1) await round();
  await none();
  await eventually(async () => Promise.resolve(world.descriptors() <= before + 2), 5000);
  expect(world.server.lines.filter((line) => /MaxListeners|"level":(50|"error")/.test(line))).toEqual([]);
}, 60_000);
