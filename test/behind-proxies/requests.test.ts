import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { freePort, readBody } from '../world/listen.js';
import { startUpstream, type Recorded, type Upstream } from '../world/upstream.js';
import { makeCertificate, type Certificate } from './certificate.js';
import { proxyNames, startReverseProxy, type ReverseProxy } from './proxies.js';
import { host } from './world.js';

let certificate: Certificate;
/** Stand where two processes of Gatehouse stand, and keep what reaches them. */
let processes: [Upstream, Upstream];
let proxy: ReverseProxy;
beforeAll(async () => {
  certificate = makeCertificate(host);
  processes = [await startUpstream(), await startUpstream()];
});
afterAll(async () => {
  await Promise.all(processes.map((each) => each.close()));
  certificate.remove();
});
beforeEach(() => processes.forEach((each) => each.reset()));
afterEach(() => proxy.stop());

/** Without Caddy's own questions whether a process is ready. */
const arrived = (): Recorded[] => processes.flatMap(({ requests }) => requests.filter(({ url }) => url === '/x'));

async function send(method: string, headers: Record<string, string> = {}): Promise<number> {
  const { port } = new URL(proxy.https);
  const outgoing = request({
    host: '127.0.0.1',
    port,
    method,
    path: '/x',
    servername: host,
    ca: certificate.text,
    agent: false,
    headers: { host, ...headers },
  });
  outgoing.end(method === 'POST' ? 'body' : undefined);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  await readBody(answer);
  return answer.statusCode ?? 0;
}

describe.each(proxyNames)('of what a client sends to %s', (name) => {
  const place = { path: '', stripped: false };

  test('the server sees what the proxy saw itself in place of what the client said about its way', async () => {
    proxy = await startReverseProxy(name, { ...place, certificate, port: processes[0].port });
    await send('GET', {
      'x-forwarded-for': '203.0.113.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'evil.test',
      'x-forwarded-port': '81',
      'x-real-ip': '203.0.113.1',
      forwarded: 'for=203.0.113.1;host=evil.test',
    });
    const { headers } = processes[0].last;
    expect(headers).toMatchObject({
      host,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': host,
    });
    expect(JSON.stringify(headers)).not.toMatch(/evil|203\.0\.113|"81"/);
  });

  test.each(['GET', 'POST'])('a %s is answered while one of two processes cannot be reached', async (method) => {
    proxy = await startReverseProxy(name, {
      ...place,
      certificate,
      port: await freePort(),
      further: [processes[0].port],
    });
    if (name === 'caddy') await proxy.line(/health_checker.*HTTP request failed/);
    expect([await send(method), await send(method), await send(method)]).toEqual([200, 200, 200]);
    expect(arrived()).toHaveLength(3);
  });

  test('a GET is asked of another process when the first one breaks off before it answers', async () => {
    proxy = await startBoth();
    expect(await send('GET')).toBe(200);
    expect(arrived()).toHaveLength(2);
  });

  test('a POST that was sent is never sent again, since nobody knows whether it was done', async () => {
    proxy = await startBoth();
    expect(await send('POST')).toBe(502);
    expect(arrived()).toHaveLength(1);
  });

  /** In front of both processes, of which the one that is asked first breaks off. */
  async function startBoth(): Promise<ReverseProxy> {
    const cutTheFirst = () => (arrived().length === 1 ? ({ instead: 'cut' } as const) : undefined);
    for (const each of processes) each.answer('/x', cutTheFirst);
    const [first, second] = processes;
    return startReverseProxy(name, { ...place, certificate, port: first.port, further: [second.port] });
  }
});
