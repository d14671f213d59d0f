import { createHash, createHmac, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { startApp, type App } from '../world/app.js';
import { clientEnvironment, createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';
import { startRedis } from '../world/redis.js';
import type { Answer } from '../world/answer.js';
import { send } from '../world/transport.js';
import { startUpstream, type Upstream } from '../world/upstream.js';
import { createBrowser } from '../world/browser.js';

const secret = 'wh-secret-of-the-test';
let operator: Upstream;
let directory: ProvidersDirectory;
let app: App;

const api = { base_url: 'https://api.acme.test' };
const files = {
  dated: {
    id: 'dated',
    extends: 'generic-oidc',
    issuer: 'https://id.acme.test/',
    api,
    webhooks: {
      signature_header: 'X-Signature',
      encoding: 'base64',
      signature_prefix: 'sha256=',
      event_id: '/id',
      timestamp: '/sent',
      tolerance: 60,
    },
  },
};

beforeAll(async () => {
  operator = await startUpstream();
  directory = await createProvidersDirectory({ dated: stringify(files.dated) });
  const forward = `${operator.origin}/events`;
  app = await startApp({
    PROVIDERS_DIR: directory.path,
    ...clientEnvironment('request-finance', 'a', 'b'),
    ...clientEnvironment('dated', 'c', 'd'),
    ...clientEnvironment('invoiced', 'e', 'f'),
    REQUEST_FINANCE_WEBHOOK_SECRET: secret,
    REQUEST_FINANCE_WEBHOOK_FORWARD_URL: `${forward}?key=own`,
    DATED_WEBHOOK_SECRET: secret,
    DATED_WEBHOOK_FORWARD_URL: forward,
  });
});
beforeEach(() => {
  operator.reset();
  operator.answer('/events', { status: 200 });
});
afterAll(async () => {
  await app.close();
  await Promise.all([operator.close(), directory.remove()]);
});

const sign = (body: string | Buffer, key = secret) => createHmac('sha256', key).update(body).digest();
const newEvent = () => JSON.stringify({ event: 'paid', nonce: randomBytes(8).toString('hex') });

function deliver(
  body: string | Buffer,
  headers: Record<string, string> = {},
  provider = 'request-finance',
  method = 'POST',
) {
  const url = new URL(`${app.url}/webhooks/${provider}`);
  const all = { 'content-type': 'application/json', 'x-webhook-signature': sign(body).toString('hex'), ...headers };
  return send({ method, url, headers: all, body });
}
const code = ({ status, text }: Answer) => [status, text === '' ? '' : (JSON.parse(text) as { code: string }).code];

describe('an event that the provider signed', () => {
  test('reaches the operator as the same bytes, with our headers and nothing else', async () => {
    const body = Buffer.concat([Buffer.from('{"event":"paid", "é":"'), Buffer.from([0xff, 0xfe]), randomBytes(4)]);
    const answer = await deliver(body, { cookie: 'a=b', authorization: 'Bearer x', 'x-other': '1' });
    expect(code(answer)).toEqual([200, '']);
    expect(operator.requests).toHaveLength(1);
    const { url, headers, body: received, method } = operator.last;
    expect([method, url, received.equals(body)]).toEqual(['POST', '/events?key=own', true]);
    const known = ['host', 'connection', 'content-length', 'accept-encoding', 'user-agent', 'content-type'];
    expect(
      Object.keys(headers)
        .filter((name) => !known.includes(name))
        .sort(),
    ).toEqual([
      'x-gatehouse-environment',
      'x-gatehouse-event',
      'x-gatehouse-provider',
      'x-request-id',
      'x-webhook-signature',
    ]);
    expect(headers).toMatchObject({ 'x-gatehouse-provider': 'request-finance', 'x-gatehouse-environment': 'test' });
  });

  test('is passed on once, however often and however simultaneously it comes', async () => {
    const body = newEvent();
    const answers = await Promise.all(Array.from({ length: 5 }, () => deliver(body)));
    expect([...answers, await deliver(body)].map(({ status }) => status)).toEqual(Array(6).fill(200));
    expect(operator.requests).toHaveLength(1);
  });

  test('is tried again when the operator fails, and once more when the provider sends it again', async () => {
    operator.answer('/events', { status: 500 }, { times: 1 });
    const body = newEvent();
    expect(code(await deliver(body))).toEqual([200, '']);
    expect(operator.requests).toHaveLength(2);

    operator.reset();
    operator.answer('/events', { status: 503 });
    const lost = newEvent();
    expect(code(await deliver(lost))).toEqual([502, 'upstream_unreachable']);
    expect(operator.requests).toHaveLength(3);
    operator.answer('/events', { status: 204 });
    expect(code(await deliver(lost))).toEqual([200, '']);
  });

  test.each([[302], [404]])('is not pressed on an operator who answers %d', async (status) => {
    operator.answer('/events', { status, headers: { location: `${operator.origin}/elsewhere` } });
    expect(code(await deliver(newEvent()))).toEqual([502, 'upstream_unreachable']);
    expect(operator.requests.map(({ url }) => url)).toEqual(['/events?key=own']);
  });

  test('needs no session, no X-CSRF and no origin of ours, and gets no cookie', async () => {
    const answer = await deliver(newEvent(), { origin: 'https://elsewhere.test', 'sec-fetch-site': 'cross-site' });
    expect([answer.status, answer.setCookies]).toEqual([200, []]);
  });

  test('may write its signature in capitals', async () => {
    const body = newEvent();
    const signature = sign(body).toString('hex').toUpperCase();
    expect(code(await deliver(body, { 'x-webhook-signature': signature }))).toEqual([200, '']);
  });
});

describe('what is not believed', () => {
  const event = newEvent();
  test.each([
    ['no signature', ''],
    ['another secret', sign(event, 'another').toString('hex')],
    ['another body', sign(`${event} `).toString('hex')],
    ['half a signature', sign(event).toString('hex').slice(0, 32)],
    ['a longer signature', `${sign(event).toString('hex')}00`],
    ['base64 in place of hex', sign(event).toString('base64')],
    ['no hex at all', 'z'.repeat(64)],
  ])('%s', async (_what, signature) => {
    expect(code(await deliver(event, { 'x-webhook-signature': signature }))).toEqual([401, 'signature_invalid']);
    expect(operator.requests).toHaveLength(0);
  });

  test('an empty body, a provider without webhooks, an unknown one, another method', async () => {
    expect(code(await deliver(''))).toEqual([400, 'invalid_request']);
    expect(code(await deliver(event, {}, 'invoiced'))).toEqual([404, 'not_found']);
    expect(code(await deliver(event, {}, 'nobody'))).toEqual([404, 'unknown_provider']);
    expect(code(await deliver(event, {}, 'request-finance', 'PUT'))).toEqual([405, 'method_not_allowed']);
    expect(code(await deliver(Buffer.alloc(1_100_000, 'x')))).toEqual([413, 'body_too_large']);
    expect(operator.requests).toHaveLength(0);
  });

  test('no line of the log holds the secret, a signature or the event', () => {
    const log = app.lines.join('\n');
    for (const word of [secret, sign(event).toString('hex'), '"paid"']) expect(log).not.toContain(word);
  });
});

const fromNow = (ahead: number) => Math.floor(Date.now() / 1000) + ahead;

describe('an event with an id and a time', () => {
  const dated = (event: Record<string, unknown>) => {
    const body = JSON.stringify(event);
    return deliver(body, { 'x-signature': `sha256=${sign(body).toString('base64')}` }, 'dated');
  };

  test('is known by its id, in whatever words it comes again', async () => {
    expect((await dated({ id: 'e1', sent: fromNow(0) })).status).toBe(200);
    expect((await dated({ id: 'e1', sent: fromNow(1), attempt: 2 })).status).toBe(200);
    expect((await dated({ id: 'e2', sent: fromNow(0) * 1000 })).status).toBe(200);
    expect((await dated({ id: 3, sent: new Date(app.now()).toISOString() })).status).toBe(200);
    expect(operator.requests).toHaveLength(3);
  });

  test.each([
    ['old', { id: 'o', sent: fromNow(-120) }],
    ['from the future', { id: 'f', sent: fromNow(120) }],
    ['undated', { id: 'u' }],
    ['nameless', { sent: fromNow(0) }],
    ['dated in words', { id: 'w', sent: 'yesterday' }],
  ])('is refused when it is %s', async (_what, event) => {
    expect(code(await dated(event))).toEqual([400, 'invalid_request']);
    expect(operator.requests).toHaveLength(0);
  });
});

test.each([
  [{ INVOICED_WEBHOOK_SECRET: 'x', INVOICED_WEBHOOK_FORWARD_URL: 'http://127.0.0.1:1/' }, 'invoiced has no webhooks'],
  [{ REQUEST_FINANCE_WEBHOOK_SECRET: 'x' }, 'REQUEST_FINANCE_WEBHOOK_FORWARD_URL'],
  [{ REQUEST_FINANCE_WEBHOOK_FORWARD_URL: 'http://127.0.0.1:1/' }, 'REQUEST_FINANCE_WEBHOOK_SECRET'],
  [{ REQUEST_FINANCE_WEBHOOK_SECRET: 'x', REQUEST_FINANCE_WEBHOOK_FORWARD_URL: 'ftp://x' }, 'not a web address'],
])('variables that do not go together stop the start: %j', async (env, words) => {
  const clients = { ...clientEnvironment('request-finance', 'a', 'b'), ...clientEnvironment('invoiced', 'e', 'f') };
  await expect(startApp({ ...clients, ...(env as Record<string, string>) })).rejects.toThrow(words);
});

test('a page of the address is for nobody', async () => {
  expect((await createBrowser(app.url).navigate('/webhooks/request-finance')).status).toBe(405);
});

test.each([
  ['that says nothing of its time', 'undated', {}, 30 * 86_400],
  ['that says when it was sent', 'dated', { timestamp: '/sent' }, 86_400],
  ['of which the file says how long', 'lasting', { remember: 7200 }, 7200],
])('an event %s is known for a while, by nothing but its fingerprint', async (_what, id, more, seconds) => {
  const redis = await startRedis();
  const signing = { signature_header: 'X-Webhook-Signature', ...more };
  const text = stringify({ ...files.dated, id, webhooks: signing });
  const own = await createProvidersDirectory({ [id]: text });
  const prefix = id.toUpperCase();
  const other = await startApp({
    PROVIDERS_DIR: own.path,
    REDIS_URL: redis.url,
    ...clientEnvironment(id, 'c', 'd'),
    [`${prefix}_WEBHOOK_SECRET`]: secret,
    [`${prefix}_WEBHOOK_FORWARD_URL`]: `${operator.origin}/events`,
  });
  try {
    const body = JSON.stringify({ sent: fromNow(0), event: 'paid' });
    const headers = { 'x-webhook-signature': sign(body).toString('hex') };
    const url = new URL(`${other.url}/webhooks/${id}`);
    for (let time = 0; time < 2; time += 1)
      expect((await send({ method: 'POST', url, headers, body })).status).toBe(200);
    expect(operator.requests).toHaveLength(1);
    const key = `gh:event:${id}:${createHash('sha256').update(body).digest('hex')}`;
    expect(await redis.cli('get', key)).toBe('1');
    const left = Number(await redis.cli('ttl', key));
    expect([left > seconds - 60, left <= seconds]).toEqual([true, true]);
  } finally {
    await other.close();
    await Promise.all([redis.stop(), own.remove()]);
  }
});
