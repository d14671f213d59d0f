import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { spoken, startProviderWorld, type ProviderWorld } from './provider-world.js';

const id = 'invoiced';
let world: ProviderWorld;
beforeAll(async () => {
  world = await startProviderWorld();
});
afterEach(() => world.reset());
afterAll(() => world.close());

const shapes = ['invoiced', 'league8', 'league9'];

describe('connect', () => {
  test('binds the company that the person picks, and shows it', async () => {
    const browser = await world.connected(id, { values: { company: '15044' } });
    expect(await world.state(browser, id)).toMatchObject({
      status: 'connected',
      environment: 'sandbox',
      account: { subject: 'tenant:15044', label: 'company 15044' },
      access: { expires_in: expect.any(Number), refreshable: true },
    });
  });

  test('another company than before is named before it replaces the first', async () => {
    const browser = await world.connected(id, { values: { company: '15012' } });
    const { pages, finalUrl } = await world.connect(browser, id, { values: { company: '15044' } });
    expect(pages.at(-1)?.text).toContain('company 15044');
    expect(finalUrl.searchParams.get('connected')).toBe(id);
    expect((await world.state(browser, id)).account?.label).toBe('company 15044');
  });

  test('asks for read_write, with state and PKCE, at a callback without a query', async () => {
    const { authorizationUrl } = await world.connect(world.newBrowser(), id, { stopAt: 'callback' });
    const query = authorizationUrl?.searchParams;
    expect([query?.get('scope'), query?.get('code_challenge_method'), query?.has('nonce')]).toEqual([
      'read_write',
      'S256',
      false,
    ]);
    expect(query?.get('redirect_uri')).toBe(`${world.app.url}/connect/${id}/callback`);
  });

  test('a refusal without error and without code is a refusal', async () => {
    const browser = world.newBrowser();
    const journey = await world.connect(browser, id, { consent: false });
    expect([...(journey.callbackUrl?.searchParams.keys() ?? [])].sort()).toEqual(['error_description', 'state']);
    expect(world.outcome(journey)).toBe('access_denied');
    expect(journey.final.text).not.toContain('denied');
    expect((await world.state(browser, id)).status).toBe('not_connected');
  });

  test('a refusal with an error is one, too', async () => {
    const browser = world.newBrowser();
    const { callbackUrl } = await world.connect(browser, id, { consent: false, stopAt: 'callback' });
    callbackUrl?.searchParams.set('error', 'access_denied');
    const answer = await browser.navigate(callbackUrl ?? '', { from: world.sandboxUrl, follow: false });
    expect(answer.location?.searchParams.get('connect_error')).toBe('access_denied');
  });

  test.each(shapes)('a code that expired is told so, in the error shape %s', async (error_shape) => {
    await world.faults(id, { error_shape });
    const browser = world.newBrowser();
    const { callbackUrl } = await world.connect(browser, id, { stopAt: 'callback' });
    const url = new URL(callbackUrl ?? '');
    url.searchParams.set('code', 'def502'.repeat(20));
    const answer = await browser.navigate(url, { from: world.sandboxUrl, follow: false });
    expect(answer.location?.searchParams.get('connect_error')).toBe('code_exchange_rejected');
  });
});

describe.each(shapes)('with errors in the shape %s', (error_shape) => {
  test('a dead refresh token asks for a new connection', async () => {
    await world.faults(id, { error_shape, dead_grant: true });
    const browser = await world.connected(id);
    world.app.forward(3600);
    expect(spoken(await browser.api.get(`/proxy/${id}/invoices`))).toEqual([401, 'reauth_required']);
    expect((await world.state(browser, id)).status).toBe('reauth_required');
  });

  test('a renewed secret is a matter of configuration, and the connection is kept', async () => {
    await world.faults(id, { error_shape });
    const browser = await world.connected(id);
    world.app.forward(3600);
    await world.faults(id, { other_secret: true });
    expect(spoken(await browser.api.get(`/proxy/${id}/invoices`))).toEqual([502, 'provider_misconfigured']);
    expect(world.outcome(await world.connect(world.newBrowser(), id))).toBe('provider_misconfigured');
    await world.faults(id, { other_secret: false });
    world.app.forward(60);
    expect((await browser.api.get(`/proxy/${id}/invoices`)).status).toBe(200);
  });
});

describe('use', () => {
  test('a rotation ends the old tokens at once, and calls under way survive it', async () => {
    const browser = await world.connected(id);
    const before = await world.calls(id);
    const slow = Array.from({ length: 6 }, () => browser.api.get(`/proxy/${id}/invoices?per_page=5`));
    const forced = browser.api.post(`/api/connections/${id}/refresh`);
    const answers = await Promise.all([...slow, forced]);
    expect(answers.map(({ status }) => status)).toEqual(Array(7).fill(200));
    const { refresh = 0 } = await world.calls(id);
    expect(refresh - (before['refresh'] ?? 0)).toBeGreaterThanOrEqual(1);
    for (let hour = 0; hour < 3; hour += 1) {
      world.app.forward(3590);
      expect((await browser.api.get(`/proxy/${id}/invoices?per_page=5`)).status).toBe(200);
      expect((await world.state(browser, id)).last_refresh?.result).toBe('rotated');
    }
  });

  test('a token that was revoked elsewhere is renewed once, and the call repeated', async () => {
    const browser = await world.connected(id);
    await world.faults(id, { expired: true });
    await browser.api.post(`/api/connections/${id}/refresh`);
    await world.faults(id, { expired: false });
    const { refresh = 0 } = await world.calls(id);
    expect((await browser.api.get(`/proxy/${id}/customers`)).status).toBe(200);
    expect((await world.calls(id))['refresh']).toBe(refresh + 1);
  });

  test('pages come in order, by links that lead through here', async () => {
    const browser = await world.connected(id);
    const seen = new Set<number>();
    let next: string | undefined = `${world.app.url}/proxy/${id}/invoices?per_page=10&filter[status]=paid`;
    let pages = 0;
    let total = 0;
    while (next !== undefined) {
      const page = await browser.api.get(next);
      expect(page.status).toBe(200);
      for (const row of page.json as { id: number }[]) seen.add(row.id);
      total = Number(page.headers['x-total-count']);
      const links = String(page.headers['link']);
      expect(links).not.toContain(world.sandboxUrl);
      next = /<([^>]+)>; rel="next"/.exec(links)?.[1];
      pages += 1;
      if (next !== undefined) expect(next.startsWith(`${world.app.url}/proxy/${id}/invoices?`)).toBe(true);
    }
    expect(pages).toBeGreaterThan(1);
    expect(seen.size).toBe(total);
    const skipped = await browser.api.get(`/proxy/${id}/customers?per_page=3&page=7`);
    expect(spoken(skipped)).toEqual([400, 'provider']);
  });

  test('an invoice comes as a PDF, byte for byte', async () => {
    const browser = await world.connected(id);
    const [invoice] = (await browser.api.get(`/proxy/${id}/invoices?per_page=1`)).json as { id: number }[];
    const pdf = await browser.api.get(`/proxy/${id}/invoices/${String(invoice?.id)}`, { accept: 'application/pdf' });
    expect(pdf.headers['content-type']).toContain('application/pdf');
    expect(pdf.body.subarray(0, 5).toString('latin1')).toBe('%PDF-');
    expect(pdf.body.subarray(-6).toString('latin1')).toContain('%%EOF');
    expect(pdf.body).toHaveLength(Number(pdf.headers['content-length']));
  });

  test('an Idempotency-Key reaches the API, so that a repeated write happens once', async () => {
    const browser = await world.connected(id);
    const [customer] = (await browser.api.get(`/proxy/${id}/customers?per_page=1`)).json as { id: number }[];
    const write = (key: string) =>
      browser.api.post(`/proxy/${id}/invoices`, {
        json: { customer: customer?.id, items: [{ name: 'Work', quantity: 1, unit_cost: 100 }] },
        headers: { 'idempotency-key': key },
      });
    const [one, again, other] = [await write('k1'), await write('k1'), await write('k2')];
    expect([one.status, again.status, other.status]).toEqual([201, 201, 201]);
    const ids = [one, again, other].map(({ json }) => (json as { id: number }).id);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  test('an error of the API passes on as it is', async () => {
    const browser = await world.connected(id);
    const answer = await browser.api.get(`/proxy/${id}/nothing`);
    expect([...spoken(answer), answer.json]).toEqual([
      404,
      'provider',
      { type: 'invalid_request', message: 'Not found.' },
    ]);
  });
});

test('disconnecting revokes the access token without a secret, and tells what stays there', async () => {
  const browser = await world.connected(id);
  const gone = await browser.api.delete(`/api/connections/${id}`);
  expect(gone.json).toEqual({ provider: id, revocation: 'revoked' });
  const notice = await browser.navigate(`/?disconnected=${id}&revocation=revoked`);
  expect(notice.text).toContain('The provider revoked the access');
  expect(notice.text).toContain('The token in use no longer works. Invoiced itself keeps the authorization');
});

test('a grant that is gone already is forgotten all the same', async () => {
  const browser = await world.connected(id);
  await world.revoke(id);
  const gone = await browser.api.delete(`/api/connections/${id}`);
  expect(gone.status).toBe(200);
  expect((await world.state(browser, id)).status).toBe('not_connected');
});

test('a person may connect another company in the place of the first', async () => {
  const browser = await world.connected(id);
  expect((await browser.navigate(`/connections/${id}`)).text).toContain('Connect another company');
});

test('the scopes are told from the token, since the answer names none', async () => {
  expect((await world.state(await world.connected(id), id)).scopes).toEqual({ granted: ['read_write'], missing: [] });
});

describe('the production environment', () => {
  let production: ProviderWorld;
  beforeAll(async () => {
    production = await startProviderWorld({ env: { INVOICED_ENVIRONMENT: 'production' } });
  });
  afterAll(() => production.close());

  test('has hosts, a client and companies of its own', async () => {
    const browser = production.newBrowser();
    const { authorizationUrl } = await production.connect(browser, id, { values: { company: '90364' } });
    expect(authorizationUrl?.pathname).toBe('/invoiced/production/oauth/authorize');
    expect(await production.state(browser, id)).toMatchObject({
      status: 'connected',
      environment: 'production',
      account: { label: 'company 90364' },
    });
    expect((await browser.api.get(`/proxy/${id}/invoices?per_page=1`)).status).toBe(200);
    expect((await browser.navigate('/')).text).toMatch(/badge">production</);
  });

  test('knows nothing of a client of the sandbox', async () => {
    const { client_id } = await production.addClient({ provider: id, realm: 'invoiced/sandbox' });
    const { location } = await production
      .newBrowser()
      .navigate(`/connect/${id}`, { follow: false, from: production.app.url });
    location?.searchParams.set('client_id', client_id);
    const page = await production.newBrowser().navigate(location ?? '', { follow: false });
    expect([page.status, page.location]).toEqual([400, undefined]);
    expect(page.text).toContain('Client authentication failed');
  });
});
