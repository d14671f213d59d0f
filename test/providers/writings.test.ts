import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startApp, type App } from '../world/app.js';
import { createBrowser, type Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { startMisbehaving, type MisbehavingServer } from '../world/misbehaving.js';
import { createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';
import { drip, type Reply } from '../world/reply.js';
import type { ConnectionJson } from './provider-world.js';

/** The same JSON document, put on the wire in ways that servers are seen to use. */
const writings: [string, (json: Buffer) => Reply][] = [
  ['compressed with gzip', (json) => compressed('gzip', gzipSync(json))],
  ['compressed with x-gzip', (json) => compressed('x-gzip', gzipSync(json))],
  ['compressed with deflate', (json) => compressed('deflate', deflateSync(json))],
  ['compressed with deflate without its head', (json) => compressed('deflate', deflateRawSync(json))],
  ['compressed with br', (json) => compressed('br', brotliCompressSync(json))],
  ['compressed twice', (json) => compressed('gzip, br', brotliCompressSync(gzipSync(json)))],
  ['with a byte order mark', (json) => as('application/json', Buffer.concat([Buffer.from('\ufeff'), json]))],
  ['with a charset', (json) => as('application/json; charset="UTF-8"', json)],
  ['in another charset', (json) => as('application/json;charset=iso-8859-1', Buffer.from(json.toString(), 'latin1'))],
  ['in a charset that nobody knows', (json) => as('application/json; charset=x-none', json)],
  ['as text/plain', (json) => as('text/plain', json)],
  ['as text/json with blanks around it', (json) => as('text/json', Buffer.from(`\r\n  ${json.toString()}\n`))],
  ['without a type', (json) => ({ body: json })],
  ['in pieces', (json) => ({ headers: { 'content-type': 'application/json' }, body: drip(thirds(json), 5) })],
];
const as = (type: string, body: Buffer): Reply => ({ headers: { 'content-type': type }, body });
const compressed = (coding: string, body: Buffer): Reply => ({
  headers: { 'content-type': 'application/json', 'content-encoding': coding },
  body,
});
const thirds = (body: Buffer): Buffer[] => {
  const third = Math.ceil(body.length / 3);
  return [0, 1, 2].map((at) => body.subarray(at * third, (at + 1) * third));
};
const bytesOf = ({ body }: Reply): Buffer => Buffer.from(body as string);

/** Metadata goes through the same reader; a few ways tell whether it does. */
const ofMetadata = ['compressed with gzip', 'with a byte order mark', 'in another charset', 'as text/plain'];
const few = writings.filter(([how]) => ofMetadata.includes(how));

/** `acme`, and one for each of these ways, which has written its metadata and keys like that from the first. */
let server: MisbehavingServer;
let servers: MisbehavingServer[];
let directory: ProvidersDirectory;
let app: App;
beforeAll(async () => {
  const now = () => (app as App | undefined)?.now() ?? Date.now();
  servers = await Promise.all([undefined, ...few].map(() => startMisbehaving({ now })));
  server = servers[0]!;
  const files: Record<string, string> = {};
  const clients: Record<string, string> = {};
  for (const [at, each] of servers.entries()) {
    const id = at === 0 ? 'acme' : `written-${at}`;
    const write = few[at - 1]?.[1];
    const written = write && ((reply: Reply) => write(bytesOf(reply)));
    if (written) each.bend = { discovery: { written }, jwks: { written }, userinfo: { written } };
    each.person.name = 'Zoë Ångström';
    files[id] = each.providerFile({ id, more: { account: { source: 'userinfo', subject: 'sub', label: ['name'] } } });
    Object.assign(clients, each.environment(id));
  }
  directory = await createProvidersDirectory(files);
  app = await startApp({ PROVIDERS_DIR: directory.path, ...clients });
});
beforeEach(() => server.reset());
afterAll(async () => {
  await app.close();
  await Promise.all([...servers.map((each) => each.close()), directory.remove()]);
});

const state = async (browser: Browser, id = 'acme') =>
  (await browser.api.get(`/api/connections/${id}`)).json as ConnectionJson;
const outcome = async (browser: Browser) => (await connect(browser, 'acme')).finalUrl.searchParams.get('connect_error');

test.each(writings)('a token answer %s connects and renews', async (_how, write) => {
  server.bend = { token: { written: (reply) => write(bytesOf(reply)) } };
  const browser = createBrowser(app.url);
  expect(await outcome(browser)).toBeNull();
  app.forward(3600);
  expect((await browser.api.post('/api/connections/acme/refresh')).status).toBe(200);
  expect((await state(browser)).last_refresh?.result).toBe('rotated');
});

test.each(few.map(([how], at) => [how, `written-${at + 1}`] as const))(
  'metadata, keys and userinfo %s are read',
  async (_how, id) => {
    const browser = createBrowser(app.url);
    expect((await connect(browser, id)).finalUrl.searchParams.get('connected')).toBe(id);
    expect((await state(browser, id)).account?.label).toBe('Zoë Ångström');
  },
);

describe('a token answer as a form', () => {
  const form = (members: Record<string, unknown>, status = 200): Reply => {
    const pairs = Object.entries(members).map(([name, value]): [string, string] => [name, String(value)]);
    const body = new URLSearchParams(pairs).toString();
    return { status, headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }, body };
  };

  test('connects', async () => {
    const written = (reply: Reply) => form(JSON.parse(bytesOf(reply).toString()) as Record<string, unknown>);
    server.bend = { token: { written } };
    const browser = createBrowser(app.url);
    expect(await outcome(browser)).toBeNull();
    expect((await state(browser)).access?.source).toBe('expires_in');
  });

  test('that refuses says why', async () => {
    const browser = createBrowser(app.url);
    await connect(browser, 'acme');
    server.bend = { token: { reply: form({ error: 'invalid_client' }, 401) } };
    app.forward(3600);
    expect((await browser.api.post('/api/connections/acme/refresh')).json).toMatchObject({
      code: 'provider_misconfigured',
    });
  });

  test('with a member twice says nothing by it', async () => {
    const twice = {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'access_token=a&access_token=b',
    };
    server.bend = { token: { reply: twice } };
    expect(await outcome(createBrowser(app.url))).toBe('token_response_invalid');
  });
});

test.each<[string, Reply]>([
  ['is no gzip although it says so', compressed('gzip', Buffer.from('{"access_token":"x"'))],
  ['is compressed in a way that nobody asked for', compressed('zstd', Buffer.from('(/'))],
  ['grows beyond every limit', compressed('gzip', gzipSync(`{"access_token":"x"}${' '.repeat(20_000_000)}`))],
])('a token answer that %s connects nothing', async (_what, reply) => {
  server.bend = { token: { reply } };
  const browser = createBrowser(app.url);
  expect(await outcome(browser)).toBe('token_response_invalid');
  expect((await state(browser)).status).toBe('not_connected');
});

test.each([
  ['as a time in words', () => new Date(app.now() + 1_800_000).toISOString(), 'expires_at', 1800],
  ['as seconds in a text', () => String(Math.floor(app.now() / 1000) + 1800), 'expires_at', 1800],
  ['in words that are no time', () => 'tomorrow', 'expires_in', 3600],
  ['in milliseconds', () => app.now() + 1_800_000, 'expires_in', 3600],
])('an expires_at %s is read or left aside', async (_how, expiresAt, source, seconds) => {
  server.bend = { token: { body: { expires_at: expiresAt() } } };
  const browser = createBrowser(app.url);
  await connect(browser, 'acme');
  const { access } = await state(browser);
  expect(access?.source).toBe(source);
  expect(Math.abs((access?.expires_in ?? 0) - seconds)).toBeLessThan(5);
});
