import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startApp, type App } from '../world/app.js';
import { createBrowser, type Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { startMisbehaving, type MisbehavingServer } from '../world/misbehaving.js';
import { createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';
import { drip, jsonReply, type Reply } from '../world/reply.js';
import { startUpstream, type Upstream } from '../world/upstream.js';
import { spoken } from './provider-world.js';

const held = 65_536;
let server: MisbehavingServer;
let upstream: Upstream;
let directory: ProvidersDirectory;
let app: App;
let browser: Browser;

beforeAll(async () => {
  [server, upstream] = await Promise.all([startMisbehaving(), startUpstream()]);
  const api = {
    base_url: upstream.origin,
    auth_failure_body: { pointer: '/errors/*/extensions/code', values: ['UNAUTHENTICATED'] },
    examples: [{ name: 'All', method: 'POST', path: '/graphql', body: '{"query":"{ a }"}' }],
  };
  directory = await createProvidersDirectory({ acme: server.providerFile({ more: { api } }) });
  app = await startApp({ PROVIDERS_DIR: directory.path, ...server.environment() });
});
beforeEach(async () => {
  server.reset();
  upstream.reset();
  browser = createBrowser(app.url);
  await connect(browser, 'acme');
});
afterAll(async () => {
  await app.close();
  await Promise.all([server.close(), upstream.close(), directory.remove()]);
});

/** What a GraphQL server says of a bad token, made this long by what stands beside it. */
function refusal(length: number, code = 'UNAUTHENTICATED'): string {
  const text = (pad: number) => JSON.stringify({ errors: [{ extensions: { code } }], pad: 'x'.repeat(pad) });
  return text(length - text(0).length);
}
const json = { 'content-type': 'application/json' };
const good = jsonReply({ data: 1 });

/** Refuses the token that the connection has now, and takes the next one. */
function refuseOnce(reply: Reply): void {
  upstream.answer('/graphql', good);
  upstream.answer('/graphql', reply, { times: 1 });
}
const call = (headers: Record<string, string> = {}) =>
  browser.api.post('/proxy/acme/graphql', { json: { query: '{ a }' }, headers });

test.each<[string, Reply]>([
  ['of exactly what is held', { headers: json, body: refusal(held) }],
  [
    'in pieces, of exactly what is held',
    { headers: json, body: drip([refusal(held).slice(0, 9), refusal(held).slice(9)], 5) },
  ],
  [
    'as graphql-response+json',
    { headers: { 'content-type': 'application/graphql-response+json; charset=utf-8' }, body: refusal(100) },
  ],
  ['with identity spelled out', { headers: { ...json, 'content-encoding': 'identity' }, body: refusal(100) }],
  [
    'behind other errors',
    { headers: json, body: JSON.stringify({ errors: [{}, null, { extensions: { code: 'UNAUTHENTICATED' } }] }) },
  ],
])('a refusal inside 200 %s renews the token and repeats the call', async (_what, reply) => {
  refuseOnce(reply);
  const answer = await call();
  expect([answer.status, answer.json]).toEqual([200, { data: 1 }]);
  expect(server.tokenCallsOf('refresh_token')).toBe(1);
  expect(upstream.requests.map(({ bearer }) => bearer)).toEqual([expect.any(String), expect.any(String)]);
  expect(upstream.requests[0]?.bearer).not.toBe(upstream.requests[1]?.bearer);
});

test.each<[string, Reply, string | Buffer]>([
  ['one byte longer than what is held', { headers: json, body: refusal(held + 1) }, refusal(held + 1)],
  [
    'one byte longer, in pieces',
    { headers: json, body: drip([refusal(held + 1).slice(0, held), refusal(held + 1).slice(held)], 5) },
    refusal(held + 1),
  ],
  [
    'far longer, in pieces',
    { headers: json, body: drip(Array<string>(40).fill(refusal(held)), 0) },
    refusal(held).repeat(40),
  ],
  [
    'compressed all the same',
    { headers: { ...json, 'content-encoding': 'gzip' }, body: gzipSync(refusal(100)) },
    gzipSync(refusal(100)),
  ],
  ['that is no JSON', { headers: { 'content-type': 'text/plain' }, body: refusal(100) }, refusal(100)],
  ['that is JSON by its type alone', { headers: json, body: 'UNAUTHENTICATED' }, 'UNAUTHENTICATED'],
  ['with another code', { headers: json, body: refusal(100, 'FORBIDDEN') }, refusal(100, 'FORBIDDEN')],
  [
    'with the word elsewhere',
    { headers: json, body: '{"data":{"status":"UNAUTHENTICATED"}}' },
    '{"data":{"status":"UNAUTHENTICATED"}}',
  ],
])('an answer %s passes as it is, and nothing is renewed', async (_what, reply, body) => {
  upstream.answer('/graphql', reply);
  const answer = await call();
  expect(spoken(answer)).toEqual([200, 'provider']);
  expect(answer.body.equals(Buffer.from(body))).toBe(true);
  expect([server.tokenCallsOf('refresh_token'), upstream.requests.length]).toEqual([0, 1]);
});

test('such an API is asked not to compress, whatever the caller accepts', async () => {
  upstream.answer('/graphql', good);
  await call({ 'accept-encoding': 'gzip, br' });
  expect(upstream.last.headers['accept-encoding']).toBe('identity');
});

test("the page's own example call, made without a script, takes a refusal inside 200 for one, too", async () => {
  refuseOnce({ headers: json, body: refusal(100) });
  const page = await browser.navigate('/connections/acme');
  const action = 'action="/connections/acme/example"';
  expect(page.text).toContain(action);
  const token = /name="csrf_token" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
  const form = { csrf_token: token, example: '0' };
  const answer = await browser.navigate('/connections/acme/example', { method: 'POST', form, from: page });
  expect(answer.text).toContain('{&#34;data&#34;:1}');
  expect(server.tokenCallsOf('refresh_token')).toBe(1);
});
