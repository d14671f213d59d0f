import { readFileSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { startApp, type App } from '../world/app.js';
import { createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';
import { eventually, startRedis, type RedisServer } from '../world/redis.js';
import { startUpstream, type Upstream } from '../world/upstream.js';

/** What an earlier release wrote into its store: one session with a connection in each state worth keeping. */
interface Records {
  release: string;
  sessionSecret: string;
  encryptionKeys: string;
  /** The session's, and that of an attempt under way where there is one. */
  cookie: string;
  /** The callback of the attempt under way: path and query. */
  callback?: string;
  /** Values in base64, by key. */
  records: Record<string, string>;
}

const folder = new URL('.', import.meta.url);
const releases = readdirSync(folder)
  .filter((name) => /^records-.*\.json$/.test(name))
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Records);

test('there are records of each earlier release', () => {
  expect(releases.map(({ release }) => release)).toEqual(['0.1.0', '0.2.0']);
});

describe.each(releases)('what release $release wrote', (written) => {
  const { sessionSecret, encryptionKeys, cookie, callback, records } = written;
  let redis: RedisServer;
  let upstream: Upstream;
  let directory: ProvidersDirectory;
  let app: App;

  beforeAll(async () => {
    [redis, upstream] = await Promise.all([startRedis(), startUpstream()]);
    const client = new Redis(redis.url);
    for (const [key, value] of Object.entries(records)) await client.set(key, Buffer.from(value, 'base64'), 'EX', 3600);
    client.disconnect();
    const ids = Object.keys(records).flatMap((key) => /:(?:connection|candidate):(.+)$/.exec(key)?.[1] ?? []);
    if (callback !== undefined) ids.push('starting');
    directory = await createProvidersDirectory(Object.fromEntries(ids.map((id) => [id, file(id, upstream.origin)])));
    const clients = ids.map((id) => [`${id.toUpperCase()}_CLIENT_ID`, 'upgrade-client'] as const);
    app = await startApp(
      {
        REDIS_URL: redis.url,
        PROVIDERS_DIR: directory.path,
        SESSION_SECRET: sessionSecret,
        ENCRYPTION_KEYS: encryptionKeys,
        ...Object.fromEntries(clients),
      },
      () => Date.UTC(2026, 10, 21, 13),
    );
  });
  afterAll(async () => {
    await app.close();
    await Promise.all([redis.stop(), upstream.close(), directory.remove()]);
  });

  const call = (path: string) => fetch(app.url + path, { headers: { Cookie: cookie, 'X-CSRF': '1' } });

  test('a session and its connection go on without a new sign-in', async () => {
    expect((await call('/proxy/valid/things')).status).toBe(200);
    expect(upstream.last.bearer).toBe('access-of-the-earlier-release');
  });

  test('a token that ended meanwhile is renewed with the stored refresh token', async () => {
    upstream.answer('/token', {
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ access_token: 'renewed', token_type: 'Bearer', expires_in: 3600 }),
    });
    expect((await call('/proxy/expired/things')).status).toBe(200);
    expect(upstream.last.bearer).toBe('renewed');
    const asked = upstream.requests.find(({ url }) => url === '/token')?.body.toString() ?? '';
    expect(new URLSearchParams(asked).get('refresh_token')).toBe('refresh-of-the-earlier-release');
  });

  test('a grant that was over stays over', async () => {
    expect((await call('/proxy/refused/things')).headers.get('X-Gatehouse-Error')).toBe('reauth_required');
  });

  test('the chosen organization stays chosen', async () => {
    expect((await call('/proxy/member/things')).status).toBe(200);
    expect(upstream.last.headers['x-organization']).toBe('o1');
    const answer = (await (await call('/api/connections/member')).json()) as object;
    expect(answer).toMatchObject({
      account: { subject: 'person-1', label: 'jo@example.test' },
      organization: { id: 'o1', name: 'Acme' },
    });
  });

  if (callback === undefined) return;

  const tokenIs = (accessToken: string) =>
    upstream.answer('/token', {
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ access_token: accessToken, token_type: 'Bearer', expires_in: 3600 }),
    });
  const statusOf = async (provider: string) =>
    ((await (await call(`/api/connections/${provider}`)).json()) as { status: string }).status;

  test('a grant that was refused without a reason is tried again when its hour is over', async () => {
    expect(await statusOf('presumed')).toBe('reauth_required');
    tokenIs('after-the-hour');
    expect((await call('/proxy/presumed/things')).status).toBe(200);
    expect(upstream.last.bearer).toBe('after-the-hour');
    expect(await statusOf('presumed')).toBe('connected');
  });

  test('the mark of a token that the API rejected twice stays until the API accepts one', async () => {
    expect(await statusOf('rejected')).toBe('reauth_required');
    expect((await call('/proxy/rejected/things')).status).toBe(200);
    await eventually(async () => (await statusOf('rejected')) === 'connected');
  });

  test('an organization that was lost waits for another choice', async () => {
    expect((await call('/proxy/lost/things')).headers.get('X-Gatehouse-Error')).toBe('organization_required');
  });

  test('an account that waited for confirmation is confirmed', async () => {
    expect(await statusOf('waiting')).toBe('confirmation_required');
    const options = { method: 'POST', redirect: 'manual', headers: { Cookie: cookie, 'X-CSRF': '1' } } as const;
    expect((await fetch(`${app.url}/connect/waiting/confirm`, options)).status).toBe(303);
    expect((await call('/proxy/waiting/things')).status).toBe(200);
  });

  test('a sign-in under way is finished, into the same session', async () => {
    tokenIs('of-the-sign-in-under-way');
    upstream.answer('/me', { headers: { 'Content-Type': 'application/json' }, body: '{"id":"person-1"}' });
    const finished = await fetch(app.url + callback, { redirect: 'manual', headers: { Cookie: cookie } });
    expect(finished.headers.get('Location')).toContain('connected=starting');
    const session = finished.headers.getSetCookie().find((line) => line.startsWith('gatehouse='));
    const headers = { Cookie: session?.split(';')[0] ?? '', 'X-CSRF': '1' };
    expect((await fetch(`${app.url}/proxy/starting/things`, { headers })).status).toBe(200);
    expect((await fetch(`${app.url}/proxy/valid/things`, { headers })).status).toBe(200);
  });
});

function file(id: string, origin: string): string {
  const organizations =
    id === 'member' || id === 'lost'
      ? 'organizations: { request: { path: /organizations }, id: id, name: [name], header: X-Organization }\n'
      : '';
  return `id: ${id}
name: ${id}
extends: generic-oauth2
endpoints: { authorization: '${origin}/authorize', token: '${origin}/token' }
client_authentication: none
scopes: [read]
account: { source: api, request: { path: /me }, subject: id, label: [email] }
${id === 'waiting' ? 'confirm: always' : ''}
api: { base_url: '${origin}' }
${organizations}`;
}
