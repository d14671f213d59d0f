import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startApp, type App } from '../world/app.js';
import { createBrowser, type Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { startMisbehaving, type MisbehavingServer } from '../world/misbehaving.js';
import { createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';

const day = 86_400;
let server: MisbehavingServer;
let directory: ProvidersDirectory;
let app: App;
const clock = { now: Date.now };

beforeAll(async () => {
  server = await startMisbehaving({ now: () => clock.now() });
  directory = await createProvidersDirectory({ acme: server.providerFile({ id: 'acme' }) });
});
afterAll(async () => {
  await Promise.all([server.close(), directory.remove()]);
});

interface Access {
  expires_at: string;
  expires_in: number;
  source: string;
}

/** A connection whose token lives so long, in sessions with these limits, after so many days in which it was used daily. */
async function accessAfter(lifetime: number, days: number, look: (browser: Browser, access: Access) => Promise<void>) {
  app = await startApp({ PROVIDERS_DIR: directory.path, ...server.environment('acme') });
  clock.now = app.now;
  server.bend = { token: { body: { expires_in: lifetime } } };
  try {
    const browser = createBrowser(app.url, { now: app.now });
    await connect(browser, 'acme');
    for (let passed = 0; passed < days; passed += 1) {
      app.forward(day);
      await browser.api.get('/api/session');
    }
    const { text } = await browser.api.get('/api/connections/acme');
    const { access } = JSON.parse(text) as { access: Access };
    const list = JSON.parse((await browser.api.get('/api/connections')).text) as { connections: { access: Access }[] };
    expect(list.connections[0]?.access.source).toBe(access.source);
    await look(browser, access);
  } finally {
    server.bend = {};
    await app.close();
  }
}
const near = (seconds: number, expected: number) => Math.abs(seconds - expected) < 120;

test.each([
  ['the token, where it is the earliest', 3 * day, 0, 3 * day, 'expires_in', 'refreshed automatically'],
  ['the idle limit of the session', 10 * day, 0, 7 * day, 'session_idle', 'unless you use it before'],
  ['the end of the session', 60 * day, 27, 3 * day, 'session_max', 'and you connect again'],
])(
  'time left is told up to %s',
  async (_what, lifetime, days, left, source, words) => {
    await accessAfter(lifetime, days, async (browser, access) => {
      expect([near(access.expires_in, left), access.source]).toEqual([true, source]);
      expect(near(Date.parse(access.expires_at) / 1000, app.now() / 1000 + left)).toBe(true);
      for (const page of ['/', '/connections/acme']) expect((await browser.navigate(page)).text).toContain(words);
    });
  },
  60_000,
);
