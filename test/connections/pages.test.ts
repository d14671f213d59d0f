import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser } from '../world/browser.js';
import { startConnectWorld, type ConnectionBody, type ConnectWorld } from '../connect/world.js';

/* What a person sees of several connections at one provider: every link and form names one of them. */

let world: ConnectWorld;

beforeAll(async () => {
  world = await startConnectWorld({ env: { CONNECTIONS_PER_HOLDER: '3' }, books: { confirm: 'always' } });
});
afterAll(() => world.close());
beforeEach(() => {
  world.reset();
  as('one');
});

const as = (name: string) => Object.assign(world.acme.person, { sub: `person-${name}`, email: `${name}@example.test` });
const html = { accept: 'text/html' };

const connect = async (browser: Browser, name: string, query: Record<string, string> = { as: 'new' }) => {
  as(name);
  const answer = await world.connect(browser, 'acme', query);
  return answer.location?.searchParams.get('connection') ?? '';
};
const two = async () => {
  const browser = world.newBrowser();
  return { browser, first: await connect(browser, 'one'), second: await connect(browser, 'two') };
};
const page = async (browser: Browser, path: string) => {
  const { status, text } = await browser.get(path, html);
  return { status, text, forms: formsOf(text), words: text.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ') };
};

interface Form {
  action: string;
  fields: Record<string, string>;
}

function formsOf(text: string): Form[] {
  return [...text.matchAll(/<form method="post" action="([^"]+)"[\s\S]*?<\/form>/g)].map(
    ([form = '', action = '']) => ({
      action,
      fields: Object.fromEntries(
        [...form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)].map(([, name, value]) => [
          name,
          value,
        ]),
      ) as Record<string, string>,
    }),
  );
}

const send = (browser: Browser, { action, fields }: Form, more: Record<string, string> = {}) =>
  browser.post(action, { ...html, form: { ...fields, ...more } });
const listed = async (browser: Browser) => {
  const { connections } = (await browser.api.get('/api/connections')).json as { connections: ConnectionBody[] };
  return connections.filter(({ provider }) => provider === 'acme');
};

describe('the home page', () => {
  test('has one card for each, whose forms name it, and one button for another', async () => {
    const { browser, first, second } = await two();
    const { forms, words } = await page(browser, '/');
    const starts = forms.filter(({ action }) => action === '/connect/acme');
    expect(starts.map(({ fields: { connection, as: what } }) => connection ?? what).sort()).toEqual(
      ['new', first, second].sort(),
    );
    const ends = forms.filter(({ action }) => action.endsWith('/disconnect')).map(({ action }) => action);
    expect(ends).toEqual([first, second].map((id) => `/connections/${id}/disconnect`));
    expect(words).toContain('one@example.test');
    expect(words).toContain('two@example.test');
    expect(words).toContain('2 connections');
  });

  test('offers another one until there are as many as there may be', async () => {
    const { browser } = await two();
    const news = async () => (await page(browser, '/')).forms.filter(({ fields }) => fields['as'] === 'new').length;
    expect(await news()).toBe(1);
    await connect(browser, 'three');
    expect(await news()).toBe(0);
  });

  test('names the only one by its provider', async () => {
    const browser = world.newBrowser();
    const id = await connect(browser, 'one');
    const { text, forms } = await page(browser, '/');
    expect(forms.map(({ action }) => action)).toContain('/connections/acme/disconnect');
    expect(text).not.toContain(id);
  });

  test('says which one was disconnected, and that others are there still', async () => {
    const { browser, first, second } = await two();
    const form = (await page(browser, '/')).forms.find(({ action }) => action === `/connections/${first}/disconnect`);
    if (!form) throw new Error('no form');
    const { location } = await send(browser, form);
    expect(location?.searchParams.get('connection')).toBe(first);
    const { words } = await page(browser, `${location?.pathname ?? ''}${location?.search ?? ''}`);
    expect(words).toContain('One connection to Acme Books has ended');
    expect(await listed(browser)).toMatchObject([{ id: second }]);
  });

  test('tells nothing of an address that names what is not so', async () => {
    const { browser, first } = await two();
    const none = `${first.slice(0, -1)}${first.endsWith('0') ? '1' : '0'}`;
    for (const query of [
      `connected=acme&connection=${none}`,
      `disconnected=acme&connection=${first}&revocation=revoked`,
      'disconnected=acme&revocation=revoked',
    ])
      expect((await page(browser, `/?${query}`)).text).not.toContain('data-notice');
    expect((await page(browser, `/?connected=acme&connection=${first}`)).words).toContain(
      'Acme Books: one@example.test is connected',
    );
  });
});

describe('the page of one connection', () => {
  test('calls, renames and disconnects this one', async () => {
    const { browser, first, second } = await two();
    const { text, forms } = await page(browser, `/connections/${second}`);
    expect(text).toContain(`data-proxy="/proxy/${second}"`);
    expect(text).not.toContain(first);
    expect(forms.map(({ action }) => action)).not.toContain('/connections/acme/disconnect');
    const rename = forms.find(({ action }) => action === `/connections/${second}/rename`);
    if (!rename) throw new Error('no form');
    const { status, location } = await send(browser, rename, { label: ' Fjord <AS> ' });
    expect([status, location?.pathname]).toEqual([303, `/connections/${second}`]);
    expect((await page(browser, `/connections/${second}`)).text).toContain('Fjord &lt;AS&gt;');
    expect((await listed(browser)).map(({ label }) => label)).toEqual(['one@example.test', 'Fjord <AS>']);
    await send(browser, rename, { label: '' });
    expect((await listed(browser)).map(({ label }) => label)).toEqual(['one@example.test', 'two@example.test']);
  });

  test('leads to the one that a sign-in has made, where that is another', async () => {
    const { browser, first, second } = await two();
    for (const key of ['acme', first]) {
      const { status, location } = await browser.get(`/connections/${key}?connected=acme&connection=${second}`, html);
      expect([status, location?.pathname, location?.search]).toEqual([
        303,
        `/connections/${second}`,
        `?connected=acme&connection=${second}`,
      ]);
    }
    expect((await page(browser, `/connections/${second}?connected=acme&connection=${second}`)).status).toBe(200);
    const stranger = world.newBrowser();
    const foreign = await connect(stranger, 'one');
    const answer = await browser.get(`/connections/${first}?connected=acme&connection=${foreign}`, html);
    expect([answer.status, answer.text.includes(foreign)]).toEqual([200, false]);
  });

  test('of a provider with several is a choice of them', async () => {
    const { browser, first, second } = await two();
    const { status, text, words } = await page(browser, '/connections/acme');
    expect(status).toBe(409);
    for (const id of [first, second]) expect(text).toContain(`<a href="/connections/${id}">`);
    expect(words).toContain('two@example.test');
  });
});

describe('a start that could mean several', () => {
  test.each(['link', 'form'])('asks a person which one, from a %s, and goes on with all that was sent', async (way) => {
    const { browser, first, second } = await two();
    const query = '?return_to=%2Fapp&reconsent=1';
    const csrf = (await page(browser, '/')).forms[0]?.fields['csrf_token'] ?? '';
    const answer =
      way === 'link'
        ? await browser.get(`/connect/acme${query}`, { ...html, headers: { 'sec-fetch-mode': 'navigate' } })
        : await browser.post('/connect/acme', {
            ...html,
            form: { csrf_token: csrf, return_to: '/app', reconsent: '1' },
          });
    expect([answer.status, answer.setCookies.length]).toEqual([200, 0]);
    const forms = formsOf(answer.text).filter(({ action }) => action === '/connect/acme');
    expect(forms.map(({ fields: { connection, as: what } }) => connection ?? what)).toEqual([first, second, 'new']);
    for (const { fields } of forms) expect(fields).toMatchObject({ reconsent: '1', return_to: `${world.app.url}/app` });
    const started = await send(browser, forms[1] ?? { action: '', fields: {} });
    expect([started.status, started.location?.origin]).toEqual([303, new URL(world.acme.issuer).origin]);
  });

  test('is refused to a program, with the choices', async () => {
    const { browser, first, second } = await two();
    const { status, json } = await browser.get('/connect/acme', { accept: 'application/json' });
    expect([status, json]).toMatchObject([409, { connections: [{ id: first }, { id: second }] }]);
  });
});

describe('the page that confirms another account', () => {
  const asked = async () => {
    const browser = world.newBrowser();
    const first = await connect(browser, 'one');
    await connect(browser, 'two', { connection: first });
    const [form] = (await page(browser, '/connect/acme/confirm')).forms;
    if (!form) throw new Error('no form');
    return { browser, first, form };
  };

  test('offers to replace, to add, and to give up', async () => {
    const { browser, first, form } = await asked();
    const { text, words } = await page(browser, '/connect/acme/confirm');
    expect([...text.matchAll(/name="decision" value="(\w+)"/g)].map(([, value]) => value)).toEqual([
      'confirm',
      'add',
      'cancel',
    ]);
    expect(words).toContain('The connection to one@example.test then stays as it is');
    await send(browser, form, { decision: 'add' });
    expect((await listed(browser)).map(({ id }) => id)).toEqual([first, expect.any(String)]);
  });

  test('offers no further one where there are as many as there may be, and none of the same account', async () => {
    const { browser, first } = await asked();
    await connect(browser, 'three');
    await connect(browser, 'four');
    await connect(browser, 'two', { connection: first });
    expect((await page(browser, '/connect/acme/confirm')).text).not.toContain('value="add"');
    const visitor = world.newBrowser();
    await world.connect(visitor, 'books');
    const [form] = (await page(visitor, '/connect/books/confirm')).forms;
    if (form) await send(visitor, form, { decision: 'confirm' });
    await world.connect(visitor, 'books');
    const again = await page(visitor, '/connect/books/confirm');
    expect([again.status, again.text.includes('value="confirm"'), again.text.includes('value="add"')]).toEqual([
      200,
      true,
      false,
    ]);
  });
});
