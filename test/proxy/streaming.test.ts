import { afterEach, expect, test } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { closeAll, closing, exchange, gateway, rawClient, rawUpstream, upstream } from './harness.js';

afterEach(closeAll);

const open = 'GET /proxy/acme/x HTTP/1.1\r\nHost: h\r\n\r\n';

test('events arrive one by one, the head before the first of them', async () => {
  let stream: ServerResponse | undefined;
  const api = await upstream((_, res) => {
    stream = res;
    res.writeHead(200, { 'Content-Type': 'text/event-stream' }).flushHeaders();
  });
  const gate = await gateway(api.url);
  const client = rawClient(gate.port, open);
  expect(await client.until('\r\n\r\n')).toMatch(/text\/event-stream/);
  // Each event is awaited before the API sends the next one: none is held back until more comes.
  stream!.write('data: one\n\n');
  await client.until('data: one\n\n');
  stream!.write('data: two\n\n');
  await client.until('data: two\n\n');
  client.socket.destroy();
  expect(await closing(api.sockets[0]!)).toBeLessThan(1000);
});

test('a caller who does not read holds the upstream back', async () => {
  const total = 64 * 1024 * 1024;
  let written = 0;
  let stalled = (): void => undefined;
  const stall = new Promise<void>((resolve) => (stalled = resolve));
  const api = await upstream((_, res) => {
    res.writeHead(200, { 'Content-Length': total });
    const piece = Buffer.alloc(65_536, 'x');
    let timer: NodeJS.Timeout | undefined;
    const more = (): void => {
      clearTimeout(timer);
      while (written < total) {
        written += piece.length;
        if (!res.write(piece)) {
          timer = setTimeout(stalled, 300);
          res.once('drain', more);
          return;
        }
      }
      stalled();
      res.end();
    };
    more();
  });
  const gate = await gateway(api.url);
  const client = rawClient(gate.port, open);
  client.socket.pause();
  await stall;
  expect(written).toBeLessThan(total / 2);
  let received = 0;
  client.socket.removeAllListeners('data');
  client.socket.on('data', (chunk) => (received += chunk.length));
  await new Promise<void>((resolve) => {
    client.socket.on('data', () => received > total && resolve());
    client.socket.resume();
  });
  expect(written).toBe(total);
});

test('an upstream that does not read holds the caller back', async () => {
  let reading = (): void => undefined;
  const api = await upstream((req, res) => {
    reading = () => req.resume().on('end', () => res.end('done'));
  });
  const gate = await gateway(api.url);
  const total = 64 * 1024 * 1024;
  const client = rawClient(gate.port, `POST /proxy/acme/x HTTP/1.1\r\nHost: h\r\nContent-Length: ${total}\r\n\r\n`);
  const piece = Buffer.alloc(65_536, 'x');
  let written = 0;
  let timer: NodeJS.Timeout | undefined;
  const stall = new Promise<void>((stalled) => {
    const more = (): void => {
      clearTimeout(timer);
      while (written < total) {
        written += piece.length;
        if (!client.socket.write(piece)) {
          timer = setTimeout(stalled, 300);
          client.socket.once('drain', more);
          return;
        }
      }
    };
    more();
  });
  await stall;
  expect(written).toBeLessThan(total / 2);
  reading();
  expect(await client.until('done')).toMatch(/^HTTP\/1\.1 200/);
  clearTimeout(timer);
  expect(written).toBe(total);
});

test('both directions stream at the same time', async () => {
  const api = await upstream((req, res) => void req.pipe(res.writeHead(200)));
  const gate = await gateway(api.url);
  const client = rawClient(
    gate.port,
    'POST /proxy/acme/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n',
  );
  await client.until('one');
  client.socket.write('3\r\ntwo\r\n0\r\n\r\n');
  expect(await client.until('0\r\n\r\n')).toMatch(/one\r\n3\r\ntwo/);
});

test('an answer that hangs holds up no other', async () => {
  const api = await rawUpstream((received, socket) => {
    const hangs = received.includes('/hangs');
    socket.write(
      hangs ? 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nbegin' : 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    );
  });
  const gate = await gateway(api.url);
  await exchange(gate.port, 'GET /proxy/acme/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
  await rawClient(gate.port, 'GET /proxy/acme/hangs HTTP/1.1\r\nHost: h\r\n\r\n').until('begin');
  for (let turn = 0; turn < 3; turn += 1)
    expect(await exchange(gate.port, 'GET /proxy/acme/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 200 /,
    );
});

test('a silent body is given up after its idle limit', async () => {
  const api = await upstream((_, res) => void res.write('begin'));
  const gate = await gateway(api.url, {}, { bodyTimeoutMs: 200 });
  const { text } = await rawClient(gate.port, 'GET /proxy/acme/x HTTP/1.1\r\nHost: h\r\n\r\n').closed;
  expect(text).toContain('begin');
  expect(text).not.toMatch(/0\r\n\r\n$/);
});
