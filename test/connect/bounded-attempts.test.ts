import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { connect } from '../world/journey.js';
import { startSessionWorld, type SessionWorld } from '../session/session-world.js';

let world: SessionWorld;
beforeAll(async () => {
  world = await startSessionWorld();
});
afterAll(() => world.close());

const id = (bytes = 16) => randomBytes(bytes).toString('base64url');
/** Cookies of attempts that nobody made, as a sibling host can plant them. */
const madeUp = (count: number, startedAt: number) =>
  Array.from({ length: count }, () => `gatehouse-attempt.acme.${id(9)}=${id()}.${id()}.${startedAt.toString(36)}`);

test.each<[string, string, 'GET' | 'POST']>([
  ['a start', '/connect/acme', 'GET'],
  ['a callback', '/connect/acme/callback?code=x&state=y', 'GET'],
  ['a logout', '/logout', 'POST'],
])('%s with 140 made-up attempt cookies costs two commands more at most', async (_name, path, method) => {
  const cost = async (cookies: string[]) => {
    const browser = world.browser();
    const headers = { ...(cookies.length > 0 && { cookie: cookies.join('; ') }), 'x-csrf': '1' };
    await world.commands();
    const answer = await (method === 'GET' ? browser.get(path, { headers }) : browser.post(path, { headers }));
    expect(answer.status).toBeLessThan(500);
    expect(answer.setCookies.length).toBeLessThan(30);
    return world.commands();
  };
  const without = await cost([]);
  expect((await cost(madeUp(140, world.app.now()))) - without).toBeLessThanOrEqual(2);
});

test('an attempt is finished though it comes with 140 made-up ones, and a logout ends it among them', async () => {
  for (const logsOut of [false, true]) {
    const browser = world.browser();
    const { callbackUrl } = await connect(browser, 'acme', { stopAt: 'callback' });
    // Dated ahead, so that they would be the newest.
    for (const pair of madeUp(140, world.app.now() + 600_000)) {
      const [name = '', value = ''] = pair.split('=');
      browser.setCookie(name, value);
    }
    const mine = browser.cookies();
    if (logsOut) {
      await browser.api.post('/logout');
      for (const { name, value } of mine) browser.setCookie(name, value);
    }
    const answer = await browser.navigate(callbackUrl ?? '', { follow: false });
    expect(answer.status).toBe(logsOut ? 400 : 303);
  }
});
