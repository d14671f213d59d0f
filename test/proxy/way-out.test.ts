import { afterEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect as connectTo, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createConnector } from '../../src/http/connect.js';
import { createHttpClient } from '../../src/http/client.js';
import { closeAll, exchange, gateway, rawUpstream } from './harness.js';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await closeAll();
});

async function listening(server: Server, host = '127.0.0.1', port = 0): Promise<number> {
  servers.push(server.listen(port, host));
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** An HTTP proxy that notes what it is asked for, with the credentials. */
async function startProxy() {
  const asked: string[] = [];
  const server = createHttpServer();
  server.on('connect', (req, socket: Socket) => {
    asked.push(`${req.url ?? ''} ${req.headers['proxy-authorization'] ?? 'nobody'}`);
    const [host = '', port] = (req.url ?? '').split(':');
    const onward = connectTo(Number(port), host === 'api.example.test' ? '127.0.0.1' : host, () => {
      socket.write('HTTP/1.1 200 Connected\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    for (const end of [socket, onward]) end.on('error', () => undefined);
    onward.on('close', () => socket.destroy());
  });
  return { asked, port: await listening(server) };
}

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const get = 'GET /proxy/acme/x HTTP/1.1\r\nHost: h\r\nAccept: a/b\r\nAccept: c/d\r\nConnection: close\r\n\r\n';

test('calls go through the proxy of the environment, with its user, and every header line arrives', async () => {
  const api = await rawUpstream((received, socket) => received.endsWith('\r\n\r\n') && socket.write(ok));
  const proxy = await startProxy();
  const proxies = { http: `http://jo:secret@127.0.0.1:${proxy.port}`, https: '', no: 'other.example.test' };
  const url = new URL(`http://api.example.test:${api.url.port}/v1`);
  const gate = await gateway(url, {}, { proxies });
  for (let turn = 0; turn < 3; turn += 1) expect(await exchange(gate.port, get)).toMatch(/^HTTP\/1\.1 200 [^]*ok$/);
  expect(proxy.asked).toEqual([`${url.host} Basic ${Buffer.from('jo:secret').toString('base64')}`]);
  expect(api.received()).toMatch(/^GET \/v1\/x HTTP\/1\.1\r\n/);
  expect(api.received().match(/^accept: .*$/gim)).toContain('Accept: a/b');
  expect(api.received().match(/c\/d/g)).toHaveLength(3);
  expect(api.received()).not.toMatch(/proxy-auth/i);
});

test('what NO_PROXY names is reached straight', async () => {
  const api = await rawUpstream((received, socket) => received.endsWith('\r\n\r\n') && socket.write(ok));
  const proxy = await startProxy();
  const proxies = { http: `http://127.0.0.1:${proxy.port}`, https: '', no: `127.0.0.1:${api.url.port}` };
  const gate = await gateway(api.url, {}, { proxies });
  expect(await exchange(gate.port, get)).toMatch(/^HTTP\/1\.1 200 [^]*ok$/);
  expect(proxy.asked).toEqual([]);
});

test('a proxy that refuses is upstream_unreachable, and the token endpoint is asked through it, too', async () => {
  const refusing = createHttpServer();
  refusing.on('connect', (_req, socket: Socket) => void socket.end('HTTP/1.1 403 No\r\n\r\n'));
  const proxies = { http: `http://127.0.0.1:${await listening(refusing)}`, https: '', no: '' };
  const gate = await gateway(new URL('http://api.example.test/v1'), {}, { proxies });
  expect(await exchange(gate.port, get)).toMatch(/^HTTP\/1\.1 502 [^]*upstream_unreachable/);

  const api = await rawUpstream((received, socket) => received.endsWith('\r\n\r\n') && socket.write(ok));
  const proxy = await startProxy();
  const client = createHttpClient({ proxies: { http: `http://127.0.0.1:${proxy.port}`, https: '', no: '' } });
  const url = `http://api.example.test:${api.url.port}/token`;
  expect(await client.http(url, { method: 'GET' })).toMatchObject({ status: 200, body: 'ok' });
  expect(proxy.asked).toHaveLength(1);
  await client.close();
});

/** Connects to a name with these addresses; resolves with the address that was reached, or the error's code. */
function connectWith(addresses: string[], port: number, options: { timeoutMs: number; staggerMs?: number }) {
  const connect = createConnector({ ...options, addressesOf: () => Promise.resolve(addresses) });
  return new Promise<string | undefined>((resolve) => {
    connect({ hostname: 'api.example.test', protocol: 'http:', port: String(port) }, (...[error, socket]) => {
      if (error) resolve('code' in error ? String(error.code) : error.message);
      else {
        resolve(socket.remoteAddress);
        socket.destroy();
      }
    });
  });
}

/** An address of no host: a connection to it neither stands nor is refused while the test lasts. */
const silent = '192.0.2.1';

test('an address that refuses costs nothing, and one that is silent a quarter of a second', async () => {
  const port = await listening(
    createServer((socket) => socket.destroy()),
    '127.0.0.2',
  );
  expect(await connectWith(['127.0.0.1', '127.0.0.2'], port, { timeoutMs: 5_000, staggerMs: 60_000 })).toBe(
    '127.0.0.2',
  );
  expect(await connectWith(['127.0.0.3', '127.0.0.1', '127.0.0.2'], port, { timeoutMs: 5_000 })).toBe('127.0.0.2');
});

test('a host whose addresses all refuse is unreachable', async () => {
  const port = await listening(createServer(), '127.0.0.9');
  expect(await connectWith(['127.0.0.1', '127.0.0.2'], port, { timeoutMs: 5_000 })).toBe('ECONNREFUSED');
});

test('a first address that is slow is still waited for when the second one refuses', async () => {
  const port = await listening(createServer(), '127.0.0.9');
  const began = performance.now();
  const outcome = await connectWith([silent, '127.0.0.1'], port, { timeoutMs: 2_000 });
  // Where the network refuses this address by itself there is nothing to wait for.
  if (outcome === 'UND_ERR_CONNECT_TIMEOUT') expect(performance.now() - began).toBeGreaterThan(1_500);
  else expect(outcome).toMatch(/^E(NETUNREACH|HOSTUNREACH|CONNREFUSED|ACCES|PERM)$/);
});
