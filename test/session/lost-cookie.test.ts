import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startWorld, type World } from '../world/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

test('a browser that lost its session cookie and connects again gets a session that it can use', async () => {
  await world.connect();
  world.browser.setCookie('gatehouse', '');
  expect((await world.browser.api.get('/proxy/acme/v1/things')).status).toBe(401);
  const { finalUrl } = await world.connect();
  expect(finalUrl.searchParams.get('connected')).toBe('acme');
  expect((await world.browser.api.get('/proxy/acme/v1/things')).status).toBe(200);
});
