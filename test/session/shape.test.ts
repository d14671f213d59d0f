import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startSessionWorld, type SessionWorld } from './session-world.js';

let world: SessionWorld;
beforeAll(async () => {
  world = await startSessionWorld({}, ['acme', 'second']);
});
afterAll(() => world.close());

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

test('the session body has exactly the members of the contract, each with a value or null', async () => {
  const browser = await world.connected('acme');
  await browser.api.post('/api/connections/acme/refresh');
  const answer = await browser.api.get('/api/session');
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  const links = (id: string) => ({ connect: `/connect/${id}`, proxy: `/proxy/${id}/` });
  expect(answer.json).toEqual({
    session: { active: true, expires_in: expect.any(Number), idle_expires_in: expect.any(Number) },
    connections: [
      {
        id: expect.stringMatching(/^con_[0-9A-Za-z]{22}$/),
        provider: 'acme',
        name: 'Acme Books',
        environment: null,
        label: 'jo@example.test',
        connected_at: expect.stringMatching(time),
        status: 'connected',
        account: { subject: 'person-1', label: 'jo@example.test' },
        variables: {},
        scopes: { granted: ['openid', 'profile', 'email', 'offline_access'], missing: [] },
        access: {
          expires_at: expect.stringMatching(time),
          expires_in: expect.any(Number),
          source: 'expires_in',
          refreshable: true,
        },
        organization: null,
        last_refresh: { at: expect.stringMatching(time), result: 'rotated' },
        links: links('acme'),
      },
      {
        id: null,
        label: null,
        connected_at: null,
        provider: 'second',
        name: 'Acme Books',
        environment: null,
        status: 'not_connected',
        account: null,
        variables: null,
        scopes: null,
        access: null,
        organization: null,
        last_refresh: null,
        links: links('second'),
      },
    ],
  });
  const one = await browser.api.get('/api/connections/acme');
  const all = await browser.api.get('/api/connections');
  const { connections } = answer.json as { connections: unknown[] };
  expect(Object.keys(all.json as object)).toEqual(['connections']);
  expect(Object.keys(one.json as object)).toEqual(Object.keys(connections[0] as object));
});

test('a visitor gets the same shape without a session', async () => {
  const { json } = await world.browser().api.get('/api/session');
  expect(json).toMatchObject({
    session: { active: false, expires_in: null, idle_expires_in: null },
    connections: [{ status: 'not_connected' }, { status: 'not_connected' }],
  });
});
