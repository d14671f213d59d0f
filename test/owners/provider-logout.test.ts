import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { listed, startOwnersWorld, type OwnersWorld } from './world.js';

/* After a logout here a person may log out at the provider, too, which they had signed in with. */

let world: OwnersWorld;

beforeEach(async () => {
  world = await startOwnersWorld();
});
afterEach(() => world.close());

const json = { accept: 'application/json' };
const publish = (address: string) => {
  world.acme.bend.discovery = { body: { end_session_endpoint: address } };
  world.app.forward(3_700);
};

const urlsOf = (answer: { json: unknown }) => (answer.json as { provider_logout_urls?: string[] }).provider_logout_urls;

test('the address has client, way back and state, never the ID token, and the connections stay', async () => {
  const [desk, laptop] = [world.newBrowser(), world.newBrowser()];
  publish(`${world.acme.base}/end?tenant=a`);
  world.person('ann');
  await world.connect(desk, 'acme');
  const answer = await desk.api.post('/logout', json);
  expect(answer.json).toMatchObject({ revocations: [] });
  const [first = '', ...others] = urlsOf(answer) ?? [];
  expect(others).toEqual([]);
  const url = new URL(first);
  expect(url.origin + url.pathname).toBe(`${world.acme.base}/end`);
  const { state, ...rest } = Object.fromEntries(url.searchParams);
  expect(rest).toEqual({
    tenant: 'a',
    client_id: world.acme.options.clientId,
    post_logout_redirect_uri: `${world.app.url}/`,
  });
  expect(state).toMatch(/^[\w-]{22}$/);
  await world.connect(laptop, 'acme');
  expect(await listed(laptop)).toHaveLength(1);
});

test('a person is shown a page that offers it, and the way on', async () => {
  const browser = world.newBrowser();
  publish(`${world.acme.base}/end`);
  await world.connect(browser, 'acme');
  const home = await browser.navigate('/');
  const page = await browser.submit(home, { which: '/logout' });
  expect(page.status).toBe(200);
  expect(page.text).toContain('You are signed out here');
  expect(page.text).toContain(`href="${world.acme.base}/end?client_id=`);
  expect(page.text).not.toContain('id_token_hint');
});

test('it is not offered to whom the application named, nor where the provider publishes no fit address', async () => {
  const browser = world.newBrowser();
  await world.connect(browser, 'acme');
  expect((await browser.api.post('/logout', json)).json).toEqual({ revocations: [] });
  publish('javascript:alert(1)');
  await world.connect(browser, 'acme');
  expect((await browser.api.post('/logout', json)).json).toEqual({ revocations: [] });
  publish(`${world.acme.base}/end`);
  await world.bind(browser, 'bob');
  await world.connect(browser, 'acme');
  expect((await browser.api.post('/logout', json)).json).toEqual({ revocations: [] });
});
