import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser } from '../world/browser.js';
import { gate } from '../session/session-world.js';
import { proxyNames } from './proxies.js';
import { startProxiedWorld, type ProxiedWorld } from './world.js';

describe.each(proxyNames)('behind %s', (name) => {
  let world: ProxiedWorld;
  let browser: Browser;
  beforeAll(async () => {
    world = await startProxiedWorld(name);
    browser = await world.connected();
  });
  afterAll(() => world.close());
  beforeEach(() => world.session.upstream.reset());

  test.each([
    ['events', { 'content-type': 'text/event-stream' }],
    ['lines', { 'content-type': 'application/x-ndjson' }],
    ['a body of known length', { 'content-type': 'text/plain', 'content-length': 22 }],
  ])('of %s the first part arrives before the next one exists', async (_name, headers) => {
    const { held, letGo } = gate();
    async function* events() {
      yield 'data: one\n\n';
      await held;
      yield 'data: two\n\n';
    }
    world.session.upstream.answer('/events', { headers, body: events() });
    const { outgoing, answer } = world.open({ path: '/proxy/acme/events', browser });
    outgoing.end();
    const parts = (await answer)[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
    expect((await parts.next()).value?.toString()).toBe('data: one\n\n');
    letGo();
    expect((await parts.next()).value?.toString()).toBe('data: two\n\n');
    expect((await parts.next()).done).toBe(true);
  });

  test('an upload reaches the API while the client still sends it, and arrives whole', async () => {
    const body = randomBytes(3_000_000);
    const { outgoing, answer } = world.open({ method: 'PUT', path: '/proxy/acme/upload', browser });
    const begun = world.session.upstream.nextRequest();
    outgoing.write(body.subarray(0, 100_000));
    expect((await begun).url).toBe('/upload');
    outgoing.end(body.subarray(100_000));
    const response = await answer;
    response.resume();
    await once(response, 'end');
    expect(response.statusCode).toBe(200);
    expect(world.session.upstream.last.hash).toBe(createHash('sha256').update(body).digest('hex'));
  });

  test('a download that the client gives up ends at the API, too', async () => {
    async function* endless() {
      for (;;) {
        yield randomBytes(16_384);
        await new Promise(setImmediate);
      }
    }
    world.session.upstream.answer('/endless', { body: endless() });
    const { outgoing, answer } = world.open({ path: '/proxy/acme/endless', browser });
    outgoing.end();
    await once(await answer, 'data');
    const aborted = world.session.upstream.nextAbort();
    outgoing.destroy();
    expect((await aborted).url).toBe('/endless');
  });

  test('a body that the API compressed passes untouched', async () => {
    const body = randomBytes(2_000);
    const headers = { 'content-type': 'application/json', 'content-encoding': 'br' };
    world.session.upstream.answer('/compressed', { headers, body });
    const answer = await world.ask({
      path: '/proxy/acme/compressed',
      browser,
      headers: { 'accept-encoding': 'gzip, br' },
    });
    expect(answer.headers['content-encoding']).toBe('br');
    expect(answer.body.equals(body)).toBe(true);
  });
});
