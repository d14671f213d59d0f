import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { createHttpClient } from '../../src/http/client.js';
import { createConnector } from '../../src/http/connect.js';
import { createForwarder } from '../../src/proxy/forward.js';
import { resolveProvider } from '../../src/providers/resolve.js';
import { createVariableHosts } from '../../src/providers/variables/variable-hosts.js';
import { gateway, exchange, closeAll } from '../proxy/harness.js';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await closeAll();
});

/** A server of this machine that counts who comes. */
async function counting(): Promise<{ port: number; came: () => number }> {
  let count = 0;
  const server = createServer((socket) => {
    count += 1;
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    socket.on('error', () => undefined);
  });
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, came: () => count };
}

/** Connects to a name with these addresses, or to an address; resolves with where it arrived, or with what was wrong. */
function reach(hostname: string, addresses: string[], port: number): Promise<string> {
  const connect = createConnector({ timeoutMs: 300, globalOnly: true, addressesOf: () => Promise.resolve(addresses) });
  return new Promise((resolve) => {
    connect({ hostname, protocol: 'http:', port: String(port) }, (...[error, socket]) => {
      resolve(error ? error.message : String(socket.remoteAddress));
      socket?.destroy();
    });
  });
}

const refused = 'the host has an address that is not public';

test.each([
  ['its only address is of this machine', ['127.0.0.1']],
  ['one of its addresses is', ['8.8.8.8', '127.0.0.1']],
  ['the last one is, behind many that are public', [...Array<string>(20).fill('8.8.8.8'), '127.0.0.1']],
  ['its address is of the network inside', ['10.0.0.1']],
  ['it is where clouds keep their credentials', ['169.254.169.254']],
  ['that lies in an IPv6 address', ['::ffff:127.0.0.1']],
  ['or behind NAT64', ['64:ff9b::7f00:1']],
])('a name is not connected to: %s', async (_why, addresses) => {
  const { port, came } = await counting();
  expect(await reach('shop.acme.test', addresses, port)).toBe(refused);
  expect(came()).toBe(0);
});

test.each(['127.0.0.1', '[::1]', '10.1.1.1', '[::ffff:7f00:1]'])('%s itself is not connected to', async (address) => {
  const { port, came } = await counting();
  expect(await reach(address, [], port)).toBe(refused);
  expect(came()).toBe(0);
});

test('the addresses that were judged are those that are connected to, whatever the name says next', async () => {
  const asked: string[] = [];
  let looks = 0;
  const connect = createConnector({
    timeoutMs: 200,
    globalOnly: true,
    addressesOf: (hostname) => {
      asked.push(hostname);
      looks += 1;
      return Promise.resolve(looks === 1 ? ['192.31.196.1'] : ['127.0.0.1']);
    },
  });
  const { port, came } = await counting();
  const target = { hostname: 'rebinding.acme.test', protocol: 'http:', port: String(port) };
  await new Promise<void>((resolve) => connect(target, () => resolve()));
  expect([asked, came()]).toEqual([['rebinding.acme.test'], 0]);
});

test('requests of ours and calls to such a host go by no proxy, and not to this machine', async () => {
  const { port, came } = await counting();
  const tunnels: string[] = [];
  const proxy = createHttpServer();
  proxy.on('connect', (req, socket) => {
    tunnels.push(req.url ?? '');
    socket.end('HTTP/1.1 502 No\r\n\r\n');
  });
  servers.push(proxy.listen(0, '127.0.0.1'));
  await once(proxy, 'listening');
  const way = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const ways = { proxies: { http: way, https: way, no: '' }, isVariableHost: (host: string) => host === 'localhost' };

  const { http, close } = createHttpClient(ways);
  await expect(http(`http://localhost:${port}/token`, { method: 'GET' })).rejects.toThrow();
  await expect(http(`http://127.0.0.1:${port}/token`, { method: 'GET' })).rejects.toThrow();
  await close();
  expect([tunnels, came()]).toEqual([[`127.0.0.1:${port}`], 0]);

  const gate = await gateway(new URL(`http://localhost:${port}/api`), {}, ways);
  expect(await exchange(gate.port, 'GET /proxy/acme/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')).toMatch(
    /^HTTP\/1\.1 502 [^]*upstream_unreachable/,
  );
  expect([tunnels.length, came()]).toEqual([1, 0]);
  await createForwarder(ways).close();
});

test('the hosts that a value can lead to are known by the provider file; those that it writes out are the operator’s', () => {
  const file = {
    id: 'acme',
    variables: {
      shop: { from: 'caller' as const, pattern: '.+' },
      country: { from: 'caller' as const, values: { nl: 'acme.nl' } },
      place: { from: 'caller' as const, values: { here: '127.0.0.1:8080', there: 'acme.nl' } },
      instance: { from: 'token_answer' as const, pointer: '/i', origin_within: ['.force.test'] },
    },
    endpoints: { authorization: 'https://{shop}.shops.test/a', token: 'https://login.force.test/token' },
    api: { base_url: 'https://{instance}/v1', auth_probe: { path: '/me' } },
    discovery_url: 'https://id.acme.test/.well-known',
  };
  const withCountry = {
    ...file,
    endpoints: { ...file.endpoints, revocation: 'https://start.{country}/r', userinfo: 'https://{place}/u' },
  };
  const included = (production: boolean, hosts: string[]) => {
    const known = createVariableHosts({ production });
    for (const each of [file, withCountry]) {
      const made = resolveProvider(each, { clientId: 'c', clientSecret: 's', secrets: {} }, 'f', { production });
      if ('problems' in made) throw new Error(made.problems.map(({ what }) => what).join());
      known.add(made.provider.variables);
    }
    return hosts.filter((host) => known.includes(host));
  };
  const variable = ['a.shops.test', 'x.force.test', 'acme.nl', 'start.acme.nl', 'a.b.force.test'];
  const fixed = [
    'shops.test',
    'login.force.test',
    'id.acme.test',
    'evil.test',
    'acme.test',
    'api.acme.nl',
    'force.test',
  ];
  expect(included(true, [...variable, ...fixed, '127.0.0.1'])).toEqual([...variable, '127.0.0.1']);
  expect(included(false, [...variable, ...fixed, '127.0.0.1'])).toEqual(variable);
});
