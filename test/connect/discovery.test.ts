import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startApp, type App } from '../world/app.js';
import { createBrowser } from '../world/browser.js';
import { startMisbehaving, type MisbehavingServer } from '../world/misbehaving.js';
import { hangingDiscovery, missingDiscovery, unusableDiscovery } from '../world/misbehaving/discovery.js';
import { createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';
import { codeOf } from './world.js';

let bent: MisbehavingServer;
let healthy: MisbehavingServer;
let directory: ProvidersDirectory;
let app: App | undefined;

beforeAll(async () => {
  [bent, healthy] = await Promise.all([startMisbehaving(), startMisbehaving()]);
  directory = await createProvidersDirectory({
    acme: bent.providerFile({ id: 'acme' }),
    books: healthy.providerFile({ id: 'books' }),
  });
});
afterEach(async () => {
  await app?.close();
  bent.reset();
});
afterAll(() => Promise.all([bent.close(), healthy.close(), directory.remove()]));

/** Starts with the bend in place: what a server is like is asked as soon as it is started. */
async function start(bend: MisbehavingServer['bend']['discovery']): Promise<App> {
  bent.bend.discovery = bend ?? {};
  app = await startApp({
    PROVIDERS_DIR: directory.path,
    ...bent.environment('acme'),
    ...healthy.environment('books'),
  });
  return app;
}

const connect = (to: App, provider: string) =>
  createBrowser(to.url).get(`/connect/${provider}`, { accept: 'application/json' });

describe('a discovery document', () => {
  test.each(Object.entries(unusableDiscovery))(
    'that %s stops this provider and no other, until it is put right',
    async (_name, bend) => {
      const started = await start(bend);
      const answer = await connect(started, 'acme');
      expect([answer.status, codeOf(answer), answer.setCookies]).toEqual([502, 'provider_misconfigured', []]);
      expect((await connect(started, 'books')).status).toBe(302);
      bent.reset();
      started.forward(3);
      expect((await connect(started, 'acme')).status).toBe(302);
    },
  );

  test.each([
    ['a user', { token_endpoint: 'https://user:pass@id.acme.test/token' }],
    ['a user without a password', { authorization_endpoint: 'https://user@id.acme.test/authorize' }],
    ['a fragment', { token_endpoint: 'https://id.acme.test/token#x' }],
    ['an empty fragment', { jwks_uri: 'https://id.acme.test/keys#' }],
    ['another scheme', { userinfo_endpoint: 'ftp://id.acme.test/me' }],
    ['a script', { authorization_endpoint: 'javascript:alert(1)//' }],
    ['a user, at the revocation endpoint', { revocation_endpoint: 'https://u:p@id.acme.test/revoke' }],
  ])('that names an endpoint with %s is refused', async (_what, body) => {
    const answer = await connect(await start({ body }), 'acme');
    expect([answer.status, codeOf(answer), answer.location]).toEqual([502, 'provider_misconfigured', undefined]);
  });

  test.each([301, 302, 307, 308])(
    'behind a redirect (%i) is not followed, and the log names where it points',
    async (status) => {
      const started = await start({
        reply: { status, headers: { location: 'https://moved.acme.test/metadata?x=secret' } },
      });
      const answer = await connect(started, 'acme');
      expect([answer.status, codeOf(answer)]).toEqual([502, 'provider_misconfigured']);
      expect(answer.text).toContain('redirect');
      expect(answer.text).not.toContain('moved.acme.test');
      const line = started.lines.find((each) => each.includes('discovery.failed')) ?? '';
      expect(line).toContain('redirects to https://moved.acme.test/metadata.');
      expect(line).not.toContain('secret');
    },
  );

  test('that hangs leaves the provider pending, and the others at work', async () => {
    const started = await start(hangingDiscovery);
    expect((await connect(started, 'books')).status).toBe(302);
    const answer = await connect(started, 'acme');
    expect([answer.status, codeOf(answer), answer.setCookies]).toEqual([503, 'discovery_pending', []]);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });

  test.each([
    ['fails with 503', { reply: { status: 503 } }],
    ['is cut', { reply: { instead: 'cut' as const } }],
  ])('that %s leaves the provider pending, and is asked for again', async (_name, bend) => {
    const started = await start(bend);
    const answer = await connect(started, 'acme');
    expect([answer.status, codeOf(answer)]).toEqual([503, 'discovery_pending']);
    bent.reset();
    started.forward(3);
    expect((await connect(started, 'acme')).status).toBe(302);
  });

  test('that is missing at first is found later', async () => {
    const started = await start(missingDiscovery(2));
    expect((await connect(started, 'acme')).status).toBe(502);
    started.forward(3);
    expect((await connect(started, 'acme')).status).toBe(302);
  });

  test.each([
    ['a page of the server', { reply: { headers: { 'content-type': 'text/html' }, body: '<!doctype html>' } }],
    ['the metadata of another issuer', { body: { issuer: 'https://another.test' } }],
    ['a failure', { reply: { status: 500 } }],
    ['a refusal', { reply: { status: 401 } }],
    ['a redirect', { reply: { status: 302, headers: { location: '/' } } }],
  ])('is found where %s is answered at the usual address before it', async (_what, bend) => {
    const started = await start({ ...bend, times: 1 });
    expect((await connect(started, 'acme')).status).toBe(302);
  });

  test('that worked once and hangs now keeps its last good text', async () => {
    const started = await start(undefined);
    expect((await connect(started, 'acme')).status).toBe(302);
    bent.bend.discovery = { reply: { status: 500 } };
    started.forward(4000);
    for (let i = 0; i < 3; i++) expect((await connect(started, 'acme')).status).toBe(302);
  });

  test('is asked for once by many who start at the same moment', async () => {
    const started = await start(undefined);
    await Promise.all(Array.from({ length: 10 }, () => connect(started, 'acme')));
    expect(bent.calls.discovery).toBe(1);
  });
});
