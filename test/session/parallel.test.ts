import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect } from '../world/journey.js';
import { jsonReply } from '../world/reply.js';
import { outcome, startSessionWorld, type SessionWorld } from './session-world.js';

const providers = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
const organizations = {
  organizations: { request: { path: '/organizations' }, id: 'id', name: ['name'], header: 'X-Organization' },
};

let world: SessionWorld;
beforeAll(async () => {
  world = await startSessionWorld({}, providers, organizations);
  world.upstream.answer('/organizations', jsonReply([{ id: 'o1', name: 'Acme' }]));
});
afterAll(() => world.close());

interface Listed {
  connections: {
    provider: string;
    status: string;
    organization: { id: string | null } | null;
    last_refresh: unknown;
  }[];
}

test('fifty writers in one session at the same moment lose nothing', async () => {
  const browser = await world.connected(...providers.slice(0, 5));
  // Every request of an older cookie writes the session, too.
  await world.restart({ SESSION_SECRET: `${randomBytes(32).toString('hex')},${world.env['SESSION_SECRET'] ?? ''}` });
  const writers = providers
    .slice(0, 5)
    .flatMap((provider) => [
      () => browser.newTab().api.put(`/api/connections/${provider}/organization`, { json: { id: 'o1' } }),
      () => browser.newTab().api.post(`/api/connections/${provider}/refresh`),
      ...Array.from({ length: 4 }, () => () => browser.newTab().api.get('/api/session')),
      ...Array.from({ length: 4 }, () => () => browser.newTab().api.get(`/proxy/${provider}/x`)),
    ]);
  expect(writers).toHaveLength(50);
  const answers = await Promise.all(writers.map((write) => write()));
  expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
  const { connections } = (await browser.api.get('/api/connections')).json as Listed;
  for (const { provider, status, organization, last_refresh } of connections.slice(0, 10)) {
    if (!providers.slice(0, 5).includes(provider)) continue;
    expect([provider, status, organization?.id]).toEqual([provider, 'connected', 'o1']);
    expect(last_refresh).toMatchObject({ result: 'rotated' });
  }
});

test('ten callbacks of one browser at the same moment end in one session with ten connections', async () => {
  const browser = await world.connected('one');
  const started = [];
  for (const provider of providers.slice(1)) started.push(await connect(browser, provider, { stopAt: 'callback' }));
  const ended = await Promise.all(
    started.map(({ callbackUrl }) => browser.newTab().navigate(callbackUrl ?? '', { follow: false })),
  );
  expect(ended.map(({ location }) => location?.searchParams.get('connected'))).toEqual(providers.slice(1));
  const { connections } = (await browser.api.get('/api/connections')).json as Listed;
  const connected = connections.filter(({ status }) => status === 'connected').map(({ provider }) => provider);
  expect(connected.sort()).toEqual([...providers].sort());
  for (const provider of providers) expect(outcome(await browser.api.get(`/proxy/${provider}/x`))).toBe('200');
});
