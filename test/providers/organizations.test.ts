import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startApp, type App } from '../world/app.js';
import { createBrowser, type Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { startMisbehaving, type MisbehavingServer } from '../world/misbehaving.js';
import { createProvidersDirectory, type ProvidersDirectory } from '../world/providers-directory.js';
import { jsonReply } from '../world/reply.js';
import { startUpstream, type Upstream } from '../world/upstream.js';
import type { Answer } from '../world/answer.js';
import { spoken, startProviderWorld, type ProviderWorld } from './provider-world.js';

const id = 'request-finance';
const studio = { id: '63b2f0e4c1a7', name: 'Fjordline Studio AS' };
const harbor = { id: '63b2f0e4c1b8', name: 'Harbor & Pine Ltd' };
let world: ProviderWorld;
beforeAll(async () => {
  world = await startProviderWorld();
});
afterEach(() => world.reset());
afterAll(() => world.close());

const choose = (browser: Browser, choice: unknown): Promise<Answer> =>
  browser.api.put(`/api/connections/${id}/organization`, { json: { id: choice } });
const list = async (browser: Browser) =>
  JSON.parse((await browser.api.get(`/api/connections/${id}/organizations`)).text) as unknown;

/** Whose data the next calls read, as the provider sees it. */
async function book(browser: Browser): Promise<string | null> {
  const answer = await browser.api.get(`/proxy/${id}/users`);
  expect(answer.status).toBe(200);
  return (JSON.parse(answer.text) as { organization: { id: string } | null }).organization?.id ?? null;
}

test('the personal account is used until an organization is chosen, and one choice follows another', async () => {
  const browser = await world.connected(id);
  expect(await list(browser)).toEqual({ organizations: [studio, harbor], selected: null });
  expect(await book(browser)).toBeNull();
  for (const organization of [studio, harbor]) {
    const chosen = await choose(browser, organization.id);
    expect([chosen.status, JSON.parse(chosen.text)]).toMatchObject([200, { organization }]);
    expect(await book(browser)).toBe(organization.id);
  }
  expect(await list(browser)).toMatchObject({ selected: harbor.id });
  await choose(browser, null);
  expect(await book(browser)).toBeNull();
});

test('a caller cannot name an organization by a header of its own', async () => {
  const browser = await world.connected(id);
  await choose(browser, harbor.id);
  const headers = { 'x-organization': studio.id };
  const answer = await browser.api.get(`/proxy/${id}/users`, { headers });
  expect(JSON.parse(answer.text)).toMatchObject({ organization: { id: harbor.id } });
});

test.each([['63b2f0e4c1c9'], ['nobody'], [''], [17], [undefined], [{ id: 'x' }], [[studio.id]]])(
  'an id that is not on the list is refused: %j',
  async (choice) => {
    const browser = await world.connected(id);
    const refused = await choose(browser, choice);
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([400, { code: 'invalid_request' }]);
    expect((await world.state(browser, id)).organization?.id).toBeNull();
  },
);

test('the choice outlives a renewal and a reconnect of the same person, not one of another', async () => {
  const browser = await world.connected(id);
  await choose(browser, harbor.id);
  world.app.forward(86_400);
  expect(await book(browser)).toBe(harbor.id);
  await world.connect(browser, id);
  expect(await book(browser)).toBe(harbor.id);

  await world.reset();
  const { pages } = await world.connect(browser, id, { values: { username: 'kari@example.org' } });
  expect(pages.find(({ url }) => url.pathname.endsWith('/confirm'))?.text).toContain('kari@example.org');
  expect(await world.state(browser, id)).toMatchObject({
    account: { label: 'kari@example.org' },
    organization: { id: null },
  });
});

test('the choice outlives a grant that ended', async () => {
  const browser = await world.connected(id);
  await choose(browser, harbor.id);
  await world.faults(id, { dead_grant: true });
  world.app.forward(86_400);
  expect(spoken(await browser.api.get(`/proxy/${id}/users`))).toEqual([401, 'reauth_required']);
  await world.faults(id, { dead_grant: false });
  await world.connect(browser, id);
  expect(await book(browser)).toBe(harbor.id);
});

test('a token that the list refuses is renewed once, and is no missing permission', async () => {
  const browser = await world.connected(id);
  await world.faults(id, { expired: true });
  await browser.api.post(`/api/connections/${id}/refresh`);
  await world.faults(id, { expired: false });
  const { refresh = 0 } = await world.calls(id);
  expect(await list(browser)).toMatchObject({ organizations: [studio, harbor] });
  expect((await world.calls(id))['refresh']).toBe(refresh + 1);
});

test('the connection page offers the choice as a form', async () => {
  const browser = await world.connected(id);
  const page = await browser.navigate(`/connections/${id}`);
  for (const name of ['Personal account', studio.name, 'Harbor &amp; Pine Ltd']) expect(page.text).toContain(name);
  const done = await browser.submit(page, {
    which: `/connections/${id}/organization`,
    values: { organization: studio.id },
  });
  expect([done.status, done.location?.pathname]).toEqual([303, `/connections/${id}`]);
  expect(await book(browser)).toBe(studio.id);
  expect((await browser.navigate(`/connections/${id}`)).text).toMatch(new RegExp(`value="${studio.id}" checked`));
});

test('who finds no rows is told where they may be: in an organization, or in another environment', async () => {
  const browser = await world.connected(id);
  const told = async () =>
    /<template data-part="empty">([^<]*)</.exec((await browser.navigate(`/connections/${id}`)).text)?.[1]?.trim();
  expect(await told()).toBe(
    'The response holds no rows. The data may belong to an organization that is not chosen here or another environment than test.',
  );
  await choose(browser, studio.id);
  expect(await told()).toBe('The response holds no rows. The data may belong to another environment than test.');
  const luca = await world.connected('luca');
  expect((await luca.navigate('/connections/luca')).text).toMatch(
    /data-part="empty">\s*The response holds no rows\.\s*</,
  );
});

test('who is no longer a member is led back to the choice, and reads no other book meanwhile', async () => {
  const browser = await world.connected(id);
  await choose(browser, studio.id);
  await world.faults(id, { left_organizations: true });
  for (let time = 0; time < 2; time += 1)
    expect(spoken(await browser.api.get(`/proxy/${id}/invoices`))).toEqual([409, 'organization_required']);
  expect(await world.state(browser, id)).toMatchObject({
    status: 'organization_required',
    organization: { id: null, required: true },
  });
  expect((await browser.navigate(`/connections/${id}`)).text).toContain('name="organization"');
  world.app.forward(86_400);
  expect(spoken(await browser.api.get(`/proxy/${id}/invoices`))).toEqual([409, 'organization_required']);
  await choose(browser, null);
  expect(await world.state(browser, id)).toMatchObject({ status: 'connected', organization: { required: false } });
  expect(await book(browser)).toBeNull();
});

describe('at an API whose 403 has many meanings', () => {
  const acme: Record<string, unknown> = {
    organizations: {
      request: { path: '/orgs' },
      id: 'id',
      name: ['name'],
      header: 'X-Organization',
      refusal_status: [403],
    },
  };
  let server: MisbehavingServer;
  let upstream: Upstream;
  let directory: ProvidersDirectory;
  let app: App;

  beforeAll(async () => {
    [server, upstream] = await Promise.all([startMisbehaving(), startUpstream()]);
    const file = server.providerFile({ apiBase: upstream.origin, more: acme });
    directory = await createProvidersDirectory({ acme: file });
    app = await startApp({ PROVIDERS_DIR: directory.path, ...server.environment() });
  });
  afterAll(async () => {
    await app.close();
    await Promise.all([server.close(), upstream.close(), directory.remove()]);
  });

  test('the refusal passes on while the list holds the choice, and the list is not asked at every call', async () => {
    upstream.answer('/orgs', jsonReply([{ id: 1, name: 'One' }]));
    upstream.answer('/payroll', jsonReply({ message: 'Your role may not do this' }, 403));
    const browser = createBrowser(app.url);
    await connect(browser, 'acme');
    await browser.api.put('/api/connections/acme/organization', { json: { id: '1' } });
    upstream.requests.length = 0;
    for (let time = 0; time < 3; time += 1) {
      const refused = await browser.api.get('/proxy/acme/payroll');
      expect([...spoken(refused), refused.text]).toEqual([403, 'provider', '{"message":"Your role may not do this"}']);
    }
    expect(upstream.requests.map(({ url }) => url)).toEqual(['/payroll', '/orgs', '/payroll', '/payroll']);
    expect(server.tokenCallsOf('refresh_token')).toBe(0);
    upstream.answer('/fine', jsonReply({}));
    expect((await browser.api.get('/proxy/acme/fine')).status).toBe(200);
    expect(upstream.last.headers['x-organization']).toBe('1');
  });

  test.each([
    ['fails', { status: 500 }],
    ['is no list', jsonReply({ organizations: [] })],
    ['is refused', jsonReply({}, 403)],
  ])('a list that %s drops no choice', async (_what, reply) => {
    upstream.reset();
    upstream.answer('/orgs', jsonReply([{ id: 1, name: 'One' }]));
    const browser = createBrowser(app.url);
    await connect(browser, 'acme');
    await browser.api.put('/api/connections/acme/organization', { json: { id: '1' } });
    upstream.answer('/orgs', reply);
    upstream.answer('/payroll', jsonReply({}, 403));
    expect(spoken(await browser.api.get('/proxy/acme/payroll'))).toEqual([403, 'provider']);
    expect(JSON.parse((await browser.api.get('/api/connections/acme')).text)).toMatchObject({
      organization: { id: '1' },
    });
  });
});
