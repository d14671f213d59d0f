import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser } from '../world/browser.js';
import { codeOf, outcomeOf, startConnectWorld, type ConnectionBody, type ConnectWorld } from '../connect/world.js';

/* Several connections of one session, also at one provider: each has an id, and nothing ever picks one of them by itself. */

let world: ConnectWorld;

beforeAll(async () => {
  world = await startConnectWorld({ env: { CONNECTIONS_PER_HOLDER: '4' }, books: { confirm: 'always' } });
});
afterAll(() => world.close());
beforeEach(() => {
  world.reset();
  as('one');
});

const as = (name: string) => Object.assign(world.acme.person, { sub: `person-${name}`, email: `${name}@example.test` });
const idPattern = /^con_[0-9A-Za-z]{22}$/;
const json = { accept: 'application/json' };

const listed = async (browser: Browser, provider = 'acme') => {
  const { connections } = (await browser.api.get('/api/connections')).json as { connections: ConnectionBody[] };
  return connections.filter((each) => each.provider === provider);
};
/** Connects another account; answers the new connection's id as the way back names it. */
const connect = async (browser: Browser, name: string, query: Record<string, string> = { as: 'new' }) => {
  as(name);
  const answer = await world.connect(browser, 'acme', query);
  return answer.location?.searchParams.get('connection') ?? '';
};
const startAs = (browser: Browser, body: Record<string, string>) =>
  browser.api.post('/connect/acme', { ...json, json: body });
const whoIs = async (browser: Browser, key: string) => {
  const { status, json: body } = await browser.api.get(`/proxy/${key}/userinfo`);
  return [status, (body as { sub?: string; code?: string }).sub ?? (body as { code?: string }).code];
};

test('a connection has an id that the way back names, and that stays when it is refreshed and reconnected', async () => {
  const browser = world.newBrowser();
  const id = await connect(browser, 'one', {});
  expect(id).toMatch(idPattern);
  expect(await listed(browser)).toMatchObject([{ id, label: 'one@example.test', status: 'connected' }]);
  await browser.api.post(`/api/connections/${id}/refresh`);
  expect(await connect(browser, 'one', {})).toBe(id);
  expect(await connect(browser, 'one', { connection: id })).toBe(id);
  expect(await whoIs(browser, id)).toEqual([200, 'person-one']);
  expect(await listed(browser, 'books')).toMatchObject([{ id: null, label: null, status: 'not_connected' }]);
});

describe('two connections at one provider', () => {
  const two = async () => {
    const browser = world.newBrowser();
    const first = await connect(browser, 'one');
    const second = await connect(browser, 'two');
    return { browser, first, second };
  };

  test('are each reached by their id, with their own token', async () => {
    const { browser, first, second } = await two();
    expect(new Set([first, second]).size).toBe(2);
    expect(await whoIs(browser, first)).toEqual([200, 'person-one']);
    expect(await whoIs(browser, second)).toEqual([200, 'person-two']);
    expect((await listed(browser)).map(({ id }) => id)).toEqual([first, second]);
  });

  test('are not chosen from by a provider id: the problem names both', async () => {
    const { browser, first, second } = await two();
    const account = (name: string) => ({ subject: `person-${name}`, label: `${name}@example.test` });
    const refusals = [
      await browser.api.get('/proxy/acme/userinfo'),
      await browser.api.get('/api/connections/acme'),
      await browser.api.delete('/api/connections/acme'),
      await browser.api.post('/api/connections/acme/refresh'),
      await browser.api.patch('/api/connections/acme', { json: { label: 'x' } }),
      await startAs(browser, {}),
    ];
    for (const refusal of refusals) {
      expect([refusal.status, codeOf(refusal)]).toEqual([409, 'connection_ambiguous']);
      expect((refusal.json as { connections: unknown }).connections).toEqual([
        { id: first, label: 'one@example.test', account: account('one') },
        { id: second, label: 'two@example.test', account: account('two') },
      ]);
    }
    expect(refusals[0]?.headers['x-gatehouse-error']).toBe('connection_ambiguous');
    expect(await whoIs(browser, second)).toEqual([200, 'person-two']);
  });

  test('one ends, and the other is the only one again, whichever was first', async () => {
    for (const which of [0, 1]) {
      const { browser, first, second } = await two();
      const [gone, left] = which === 0 ? [first, second] : [second, first];
      expect((await browser.api.delete(`/api/connections/${gone}`)).json).toMatchObject({ provider: 'acme' });
      const again = await browser.api.delete(`/api/connections/${gone}`);
      expect([again.status, codeOf(again)]).toEqual([404, 'unknown_connection']);
      expect(await whoIs(browser, gone)).toEqual([404, 'unknown_connection']);
      const subject = which === 0 ? 'person-two' : 'person-one';
      expect(await whoIs(browser, left)).toEqual([200, subject]);
      expect(await whoIs(browser, 'acme')).toEqual([200, subject]);
      expect(await whoIs(browser, 'acme')).toEqual([200, subject]);
      expect(await listed(browser)).toMatchObject([{ id: left }]);
    }
  });

  test('are refreshed apart', async () => {
    const { browser, first, second } = await two();
    const before = world.acme.tokenCallsOf('refresh_token');
    await Promise.all([first, second].map((id) => browser.api.post(`/api/connections/${id}/refresh`)));
    expect(world.acme.tokenCallsOf('refresh_token') - before).toBe(2);
    expect([await whoIs(browser, first), await whoIs(browser, second)]).toEqual([
      [200, 'person-one'],
      [200, 'person-two'],
    ]);
  });

  test('end apart, and the problem of one says how to connect that one again', async () => {
    const { browser, first, second } = await two();
    world.acme.grants.endAll();
    const { status, json: problem } = await browser.api.post(`/api/connections/${second}/refresh`);
    expect([status, (problem as { code?: string }).code]).toEqual([401, 'reauth_required']);
    const { connect_url: url } = (await browser.api.get(`/proxy/${second}/userinfo`)).json as { connect_url: string };
    expect(url).toBe(`${world.app.url}/connect/acme?connection=${second}`);
    expect((await listed(browser)).map(({ id, status: each }) => [id, each])).toEqual([
      [first, 'connected'],
      [second, 'reauth_required'],
    ]);
  });

  test('end with the session, each with its revocation', async () => {
    const { browser, first } = await two();
    const { json: body } = await browser.api.post('/logout', json);
    expect((body as { revocations: { provider: string }[] }).revocations.map(({ provider }) => provider)).toEqual([
      'acme',
    ]);
    expect(await whoIs(browser, first)).toEqual([401, 'login_required']);
  });

  test('and an account that is connected already gets its tokens again, and no third connection', async () => {
    const { browser, first, second } = await two();
    expect(await connect(browser, 'one', { as: 'new' })).toBe(first);
    expect(await connect(browser, 'two', { connection: first })).toBe(second);
    expect((await listed(browser)).map(({ id }) => id)).toEqual([first, second]);
  });
});

describe('a connection of somebody else', () => {
  test('answers as one that there is not, in every place', async () => {
    const [browser, stranger] = [world.newBrowser(), world.newBrowser()];
    const id = await connect(browser, 'one');
    await connect(stranger, 'two');
    const nobodys = `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`;
    for (const key of [id, nobodys, 'con_0000000000000000000000']) {
      const answers = [
        await stranger.api.get(`/proxy/${key}/userinfo`),
        await stranger.api.get(`/api/connections/${key}`),
        await stranger.api.delete(`/api/connections/${key}`),
        await stranger.api.patch(`/api/connections/${key}`, { json: { label: 'mine' } }),
        await stranger.api.post(`/api/connections/${key}/refresh`),
        await stranger.api.get(`/connections/${key}`),
        await startAs(stranger, { connection: key }),
      ];
      for (const answer of answers) {
        expect([answer.status, codeOf(answer)]).toEqual([404, 'unknown_connection']);
        expect(answer.text).not.toContain(key);
      }
    }
    expect(await whoIs(browser, id)).toEqual([200, 'person-one']);
  });

  test('without a session the answer is 401, and an unknown provider comes before it', async () => {
    const id = await connect(world.newBrowser(), 'one');
    const visitor = world.newBrowser();
    for (const key of [id, 'con_0000000000000000000000']) {
      expect(await whoIs(visitor, key)).toEqual([401, 'login_required']);
      expect(codeOf(await visitor.api.get(`/api/connections/${key}`))).toBe('login_required');
      expect(codeOf(await visitor.api.delete(`/api/connections/${key}`))).toBe('login_required');
    }
    expect(codeOf(await visitor.api.get('/api/connections/nobody'))).toBe('unknown_provider');
    expect(codeOf(await visitor.api.get('/api/connections/con_short'))).toBe('unknown_provider');
  });
});

test('there are no more than CONNECTIONS_PER_HOLDER, at the start and at the end of connecting', async () => {
  const browser = world.newBrowser();
  await connect(browser, 'one');
  as('late');
  const late = await world.toCallback(browser, 'acme', { as: 'new' });
  for (const name of ['two', 'three', 'four']) await connect(browser, name);
  const refused = await startAs(browser, { as: 'new' });
  expect([refused.status, codeOf(refused)]).toEqual([409, 'too_many_connections']);
  as('late');
  expect(outcomeOf(await world.open(browser, late))).toBe('too_many_connections');
  expect(await listed(browser)).toHaveLength(4);
  const other = await browser.api.post('/connect/books', { ...json, json: {} });
  expect(codeOf(other)).toBe('too_many_connections');
  const [first] = await listed(browser);
  expect((await startAs(browser, { connection: first?.id ?? '' })).status).toBe(200);
});

describe('a label', () => {
  test('is the person’s own, stays when the connection is reconnected, and gives way to the account’s', async () => {
    const browser = world.newBrowser();
    const id = await connect(browser, 'one');
    const rename = (label: unknown) => browser.api.patch(`/api/connections/${id}`, { json: { label } });
    expect((await rename('Fjord & Sønn AS 🐟')).json).toMatchObject({ id, label: 'Fjord & Sønn AS 🐟' });
    await connect(browser, 'one', {});
    await browser.api.post(`/api/connections/${id}/refresh`);
    expect(await listed(browser)).toMatchObject([{ id, label: 'Fjord & Sønn AS 🐟' }]);
    expect((await rename(null)).json).toMatchObject({ label: 'one@example.test' });
  });

  test.each([
    ['nothing', ''],
    ['spaces', '   '],
    ['81 characters', 'x'.repeat(81)],
    ['a line break', 'a\nb'],
    ['a direction mark', 'a\u202eb'],
    ['an isolate', '\u2066a'],
    ['a NUL', 'a\0'],
    ['a number', 7],
    ['a list', ['a']],
  ])('of %s is refused, and nothing changes', async (_what, label) => {
    const browser = world.newBrowser();
    const id = await connect(browser, 'one');
    const answer = await browser.api.patch(`/api/connections/${id}`, { json: { label } });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'invalid_request']);
    expect(await listed(browser)).toMatchObject([{ label: 'one@example.test' }]);
  });

  test('of 80 characters is taken, also of those that take two units', async () => {
    const browser = world.newBrowser();
    const id = await connect(browser, 'one');
    const label = '🐟'.repeat(80);
    expect((await browser.api.patch(`/api/connections/${id}`, { json: { label } })).json).toMatchObject({ label });
  });

  test('of a provider that is not connected is refused', async () => {
    const browser = world.newBrowser();
    await connect(browser, 'one');
    expect(codeOf(await browser.api.patch('/api/connections/books', { json: { label: 'x' } }))).toBe('not_connected');
  });
});

describe('what a start asks for', () => {
  test.each<[string, Record<string, string>, number, string]>([
    ['as something else than new', { as: 'old' }, 400, 'invalid_request'],
    ['as new and a connection', { as: 'new', connection: 'con_0000000000000000000000' }, 400, 'invalid_request'],
    ['a connection that is none', { connection: 'acme' }, 404, 'unknown_connection'],
  ])('%s is refused', async (_what, body, status, code) => {
    const browser = world.newBrowser();
    await connect(browser, 'one');
    const answer = await startAs(browser, body);
    expect([answer.status, codeOf(answer)]).toEqual([status, code]);
  });

  test('a connection of another provider is refused as unknown', async () => {
    const browser = world.newBrowser();
    const id = await connect(browser, 'one');
    const answer = await browser.api.post('/connect/books', { ...json, json: { connection: id } });
    expect([answer.status, codeOf(answer)]).toEqual([404, 'unknown_connection']);
  });
});

describe('a reconnect with another account', () => {
  const asked = async () => {
    const browser = world.newBrowser();
    const first = await connect(browser, 'one');
    const second = await connect(browser, 'two');
    as('three');
    const answer = await world.connect(browser, 'acme', { connection: second, return_to: '/app' });
    expect(answer.location?.pathname).toBe('/connect/acme/confirm');
    const page = await browser.get('/connect/acme/confirm', json);
    expect(page.json).toMatchObject({ connection: second, replaces: { subject: 'person-two' } });
    const decide = (decision: string) =>
      browser.post('/connect/acme/confirm', { ...json, json: { decision }, headers: { 'x-csrf': '1' } });
    return { browser, first, second, decide };
  };

  test('keeps the old tokens meanwhile', async () => {
    const { browser, second } = await asked();
    expect(await whoIs(browser, second)).toEqual([200, 'person-two']);
  });

  test('replaces it under the same id', async () => {
    const { browser, first, second, decide } = await asked();
    const back = await decide('confirm');
    expect(back.location?.searchParams.get('connection')).toBe(second);
    expect([await whoIs(browser, first), await whoIs(browser, second)]).toEqual([
      [200, 'person-one'],
      [200, 'person-three'],
    ]);
  });

  test('is added as another', async () => {
    const { browser, first, second, decide } = await asked();
    const third = (await decide('add')).location?.searchParams.get('connection') ?? '';
    expect((await listed(browser)).map(({ id }) => id)).toEqual([first, second, third]);
    expect([await whoIs(browser, second), await whoIs(browser, third)]).toEqual([
      [200, 'person-two'],
      [200, 'person-three'],
    ]);
  });

  test('is given up, and nothing changes', async () => {
    const { browser, first, second, decide } = await asked();
    expect(outcomeOf(await decide('cancel'))).toBe('access_denied');
    expect((await listed(browser)).map(({ id }) => id)).toEqual([first, second]);
    expect(await whoIs(browser, second)).toEqual([200, 'person-two']);
  });
});

test('ten sign-ins that come back at the same moment are ten connections, or as many as there may be', async () => {
  const browser = world.newBrowser();
  await connect(browser, 'one');
  const callbacks: URL[] = [];
  for (const name of ['two', 'three', 'four']) {
    as(name);
    callbacks.push(await world.toCallback(browser, 'acme', { as: 'new' }));
  }
  await Promise.all(callbacks.map((callback) => world.open(browser, callback)));
  const all = await listed(browser);
  expect(new Set(all.map(({ id }) => id)).size).toBe(4);
  for (const { id, account } of all) expect(await whoIs(browser, id ?? '')).toEqual([200, account.subject]);
});
