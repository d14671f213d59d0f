import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../world/listen.js';
import { startProcess, type ServerProcess } from '../world/process.js';
import { startRedis } from '../world/redis.js';
import { connectAndRead, firstCalls, newBrowser } from './journeys.js';

async function sandboxed(env: Record<string, string> = {}): Promise<ServerProcess> {
  return startProcess({ SANDBOX: 'on', SANDBOX_PORT: String(await freePort()), LOG_FORMAT: 'text', ...env });
}

describe.each(['the embedded store', 'Redis'])('the first run on %s', (kind) => {
  let server: ServerProcess;
  let stopRedis: () => Promise<unknown> = () => Promise.resolve();

  beforeAll(async () => {
    if (kind === 'Redis') {
      const redis = await startRedis();
      stopRedis = () => redis.stop();
      server = await sandboxed({ REDIS_URL: redis.url });
    } else server = await sandboxed();
  });
  afterAll(async () => {
    await server.stop();
    await stopRedis();
  });

  test.each(firstCalls)('a person connects $provider and reads rows through the proxy', async (call) => {
    const state = await connectAndRead(newBrowser(server.url), call);
    expect(state).toMatchObject({ provider: call.provider, status: 'connected' });
    expect(state.scopes?.granted.length).toBeGreaterThan(0);
    expect(Date.parse(state.access?.expires_at ?? '')).toBeGreaterThan(Date.now());
  });

  test('all four live side by side in one session, and a logout ends them all', async () => {
    const browser = newBrowser(server.url);
    for (const call of firstCalls) await connectAndRead(browser, call);
    const session = JSON.parse((await browser.api.get('/api/session')).text) as {
      session: { active: boolean };
      connections: { provider: string; status: string }[];
    };
    expect(session.session.active).toBe(true);
    const connected = session.connections
      .filter(({ status }) => status === 'connected')
      .map(({ provider }) => provider);
    expect(connected.sort()).toEqual(firstCalls.map(({ provider }) => provider).sort());

    const logout = await browser.api.post('/logout');
    const { revocations } = JSON.parse(logout.text) as { revocations: { provider: string; revocation: string }[] };
    expect(Object.fromEntries(revocations.map(({ provider, revocation }) => [provider, revocation]))).toEqual({
      'request-finance': 'revoked',
      invoiced: 'revoked',
      luca: 'not_supported',
      financefeast: 'not_supported',
    });
    const after = await browser.api.get('/proxy/invoiced/invoices');
    expect([after.status, after.headers['x-gatehouse-error']]).toEqual([401, 'login_required']);
  });

  test('the terminal says what runs where', () => {
    const said = server.lines.join('\n');
    expect(said).toContain(`Gatehouse   ${server.url}`);
    expect(said).toMatch(/Sandbox {5}http:\/\/127\.0\.0\.1:\d+\/control/);
  });
});
