import { expect, test } from '@jest/globals';
import { eventually } from '../world/redis.js';
import { makeCertificates } from '../world/certificates.js';
import { afterTest, backAfter, connect, failure, start } from '../store/faulty-redis.js';

const value = Buffer.from('x');
const secret = 'hush-hush';

test.each([
  ['a wrong password', (port: number) => `redis://:${secret}@127.0.0.1:${port}`, 'WRONGPASS'],
  ['a wrong user', (port: number) => `redis://jo:${secret}@127.0.0.1:${port}`, 'WRONGPASS'],
  ['no password', (port: number) => `redis://127.0.0.1:${port}`, 'NOAUTH'],
])('%s is refused, logged once, and told without the password', async (_, url, expected) => {
  const server = await start({ password: 'right' });
  const { store, text, events } = connect(url(server.port));
  const first = await failure(store.get('a'));
  expect(first).toMatchObject({ code: expected });
  expect(first.ms).toBeLessThan(2000);
  // Long enough for several new attempts, each refused.
  await eventually(
    async () => Number(/total_connections_received:(\d+)/.exec(await server.cli('info', 'stats'))?.[1]) > 8,
  );
  expect(events()).toEqual(['store.refused']);
  expect(first.text + text() + store.describe()).not.toContain(secret);
  expect(text()).toContain(expected);
});

test('a password that is corrected at the server lets the store in', async () => {
  const server = await start({ password: 'other' });
  const { store } = connect(`redis://:${secret}@127.0.0.1:${server.port}`);
  await failure(store.ping());
  await server.cli('config', 'set', 'requirepass', secret);
  expect(await backAfter(store)).toBeLessThan(3000);
});

test('a database that does not exist is refused instead of using another', async () => {
  const server = await start();
  const { store } = connect(`redis://127.0.0.1:${server.port}/99`);
  const write = store.commit([], [{ key: 'a', value, ttlMs: 60_000 }]);
  expect((await failure(write)).code).toBe('DBINDEX');
  await eventually(
    async () => Number(/total_connections_received:(\d+)/.exec(await server.cli('info', 'stats'))?.[1]) > 8,
  );
  await failure(store.commit([], [{ key: 'a', value, ttlMs: 60_000 }]));
  expect(await server.cli('dbsize')).toBe('0');
});

test('TLS is spoken with a server whose authority is known, and refused with any other', async () => {
  const certificates = makeCertificates();
  afterTest(certificates.remove);
  const server = await start({ tls: certificates.files, password: secret });
  const trusting = connect(server.url, { ca: certificates.authority });
  expect(await trusting.store.commit([], [{ key: 'a', value, ttlMs: 60_000 }])).toBe(true);
  expect(await trusting.store.get('a')).toEqual(value);
  for (const options of [{ ca: certificates.stranger }, {}]) {
    const { store, text, events } = connect(server.url, options);
    const { code, ms, text: error } = await failure(store.get('a'));
    expect(code).toMatch(/UNABLE_TO_|SELF_SIGNED|CERT/);
    expect(ms).toBeLessThan(2000);
    expect(events()).toEqual(['store.refused']);
    expect(error + text()).not.toContain(secret);
  }
});

test('a certificate for another host is refused', async () => {
  const certificates = makeCertificates();
  afterTest(certificates.remove);
  const server = await start({ tls: certificates.files });
  const { store } = connect(`rediss://localhost:${server.port}`, { ca: certificates.authority });
  expect((await failure(store.get('a'))).code).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
});

test('a server without TLS is never spoken to in clear when TLS was asked for', async () => {
  const server = await start();
  const { store } = connect(server.url.replace('redis:', 'rediss:'));
  await failure(store.get('a'));
  await eventually(async () => (await failure(store.get('a'))).code !== 'NOT_CONNECTED');
  expect(await server.cli('info', 'commandstats')).toBe('# Commandstats');
});
