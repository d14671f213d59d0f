import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { tokenError } from '../world/misbehaving/token-answer.js';
import { jsonReply } from '../world/reply.js';
import { answerInPages, invoices, startExplorerWorld, type ExplorerWorld } from './explorer-world.js';
import { inspect } from './inspect.js';
import { withoutId } from '../world/without-id.js';

let world: ExplorerWorld;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  world = await startExplorerWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  page = await world.chromium.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => message.text().includes('Content Security') && complaints.push(message.text()));
  await world.connect(page);
  await page.waitForSelector('[data-testid=rows] tbody tr');
});
afterEach(async () => {
  await page.close();
  world.server.bend = {};
  world.upstream.reset();
  world.upstream.answer(/^\/invoices/, jsonReply({ items: invoices }));
  expect(complaints.splice(0)).toEqual([]);
});

const rows = () => page.locator('[data-testid=rows] tbody tr');
const cells = async () => (await rows().allInnerTexts()).map((line) => line.split('\t'));
const measure = (name: string) => page.locator(`[data-measure=${name}]`).innerText();
const status = () => page.locator('[data-part=status]').innerText();
const settled = () => page.waitForSelector('[data-part=stop]', { state: 'hidden' });
const press = async (name: string) => {
  await page.locator('.call', { hasText: name }).click();
  await settled();
};
const openForm = async () => {
  if ((await page.locator('.own[open]').count()) === 0) await page.locator('.own > summary').click();
};
const fill = async (fields: Record<string, string>) => {
  await openForm();
  for (const [name, value] of Object.entries(fields)) {
    const field = page.locator(`.own [name=${name}]`);
    await (name === 'method' ? field.selectOption(value) : field.fill(value));
  }
  await page.locator('.own button[type=submit]').click();
  await settled();
};

test('the first example is shown at once with the columns of the provider file, and the page passes axe as it then is', async () => {
  expect(await page.locator('[data-testid=rows] th').allInnerTexts()).toEqual(['Number', 'Customer', 'Total', 'Date']);
  expect(await cells()).toEqual([
    ['A-1', 'Jo & Co', '123.45', '2030-01-01'],
    ['A-2', '<b>Vik</b>', '5.00', '2030-01-02'],
  ]);
  expect(await measure('status')).toBe('200 OK');
  expect(await measure('rows')).toBe('2 rows on this page');
  await openForm();
  expect(await inspect(page)).toEqual([]);
  for (const tab of ['text', 'headers', 'code']) {
    await page.locator(`#tab-${tab}`).click();
    expect([tab, await inspect(page)]).toEqual([tab, []]);
  }
});

test('by keyboard alone: from the call to its table, over the tabs, to the code', async () => {
  await page.locator('.call').first().focus();
  await page.keyboard.press('Enter');
  await settled();
  await page.locator('#tab-table').focus();
  for (const expected of ['tab-text', 'tab-headers', 'tab-code', 'tab-table']) {
    await page.keyboard.press('ArrowRight');
    expect(await page.evaluate('document.activeElement.id')).toBe(expected);
  }
  await page.keyboard.press('End');
  expect(await page.locator('#view-code').isVisible()).toBe(true);
  expect(await page.locator('#view-table').isVisible()).toBe(false);
});

test('a call that a person types reaches the provider with its query, its headers and its body, and comes back as they are', async () => {
  world.upstream.answer('/clients', { ...jsonReply({ made: true }, 201) }, { method: 'POST' });
  world.upstream.answer(/^\/clients/, { ...jsonReply({ made: true }, 201), headers: { 'x-total': '7' } });
  await fill({
    ...{ method: 'POST', path: '/clients', query: 'dry=yes\nname=Ål', headers: 'Idempotency-Key: k-1\nX-Secret: no' },
    body: '{"name":"Jo"}',
  });
  const { method, url, headers, body } = world.upstream.last;
  expect([method, url, body.toString()]).toEqual(['POST', '/clients?dry=yes&name=%C3%85l', '{"name":"Jo"}']);
  expect([headers['idempotency-key'], headers['x-secret']]).toEqual(['k-1', undefined]);
  expect(await measure('status')).toBe('201 Created');
  await page.locator('#tab-headers').click();
  expect(await page.locator('[data-part=headers]').innerText()).toContain('x-total');
});

test.each([
  ['acme', 'Many', ['1–2 of 3 rows', '3–3 of 3 rows']],
  ['acme', 'Counted', ['1–2, more follow', '3–3, the last ones']],
  ['books', 'Bills', ['1–2, more follow', '3–3, the last ones']],
])('%s, %s: the next page is one press away, and the last one says so', async (provider, name, ranges) => {
  answerInPages(world.upstream);
  if (provider !== 'acme') await world.connect(page, provider);
  await press(name);
  expect([await cells(), await measure('rows')]).toEqual([[['P-1'], ['P-2']], ranges[0]]);
  expect(await inspect(page)).toEqual([]);
  await page.locator('[data-part=next-page]').focus();
  await page.keyboard.press('Enter');
  await page.locator('td', { hasText: 'P-3' }).waitFor();
  await settled();
  expect([await cells(), await measure('rows'), await status()]).toEqual([[['P-3']], ranges[1], 'Page 2.']);
  // Whoever came by keyboard is where the new rows are.
  expect(await page.evaluate('document.activeElement.dataset.part')).toBe('table');
  expect(await page.locator('[data-part=next-page]').isVisible()).toBe(false);
});

test('a Link header that leads out of this API is not followed', async () => {
  const headers = { 'content-type': 'application/json', link: '<https://elsewhere.test/many?page=2>; rel="next"' };
  world.upstream.answer(/^\/many/, { ...jsonReply([{ number: 'P-1' }]), headers });
  await press('Many');
  expect(await cells()).toEqual([['P-1']]);
  expect(await page.locator('[data-part=next-page]').isVisible()).toBe(false);
});

test('a call that begins with a look-up opens what that one names, or says that there is nothing', async () => {
  world.upstream.answer(/^\/newest/, jsonReply({ items: [{ id: 'a/1' }] }));
  world.upstream.answer('/files/a%2F1', { headers: { 'content-type': 'application/pdf' }, body: '%PDF' });
  await press('Newest');
  expect(world.upstream.last.headers.accept).toBe('application/pdf');
  expect(await status()).toContain('The response is a file (application/pdf, 4 B)');
  world.upstream.answer(/^\/newest/, jsonReply({ items: [] }));
  await press('Newest');
  expect(await status()).toBe('There is nothing to open: /newest?take=1 returned nothing.');
});

test('a limit of the provider is told with the time to wait, also where its headers count in another way', async () => {
  const limits: [Record<string, string>, string][] = [
    [{ 'retry-after': '7' }, 'Try again in 7 seconds.'],
    [{ 'x-rate-limit-reset': '600' }, 'Try again in 10 minutes.'],
    [{ 'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + 3600) }, 'Try again in 60 minutes.'],
    [{}, 'The provider responded with an error'],
  ];
  for (const [headers, sentence] of limits) {
    world.upstream.answer('/many', {
      status: 429,
      headers: { 'content-type': 'application/json', ...headers },
      body: '{}',
    });
    await press('Many');
    expect(await status()).toContain(sentence);
  }
});

test('headers that go no further are named when the call is made', async () => {
  const dropped = page.locator('[data-part=dropped]');
  await fill({ path: '/invoices', headers: 'X-Secret: no\nAuthorization: Bearer x\nPrefer: wait=1' });
  expect(world.upstream.last.headers).toMatchObject({ prefer: 'wait=1' });
  expect(await dropped.innerText()).toBe(
    'This server did not send x-secret, authorization to the provider. The list below the field shows what it sends.',
  );
  await fill({ path: '/invoices', headers: 'Idempotency-Key: k-1' });
  expect(await dropped.isVisible()).toBe(false);
});

test('what the page tells of the step before is told once, and the address forgets it', async () => {
  const notice = page.locator('[data-notice=connected]');
  expect([await notice.count(), withoutId(new URL(page.url()).search)]).toEqual([1, '?connected=acme']);
  await page.reload();
  await page.waitForSelector('[data-testid=rows] tbody tr');
  expect([await notice.count(), new URL(page.url()).search]).toEqual([0, '']);
  await page.goto(`${world.app.url}/connections/acme?connected=acme&tab=2`);
  await page.keyboard.press('Tab');
  expect([await notice.count(), new URL(page.url()).search]).toEqual([1, '?tab=2']);
});

test('a path to another host, a broken header and broken variables are refused before anything is sent', async () => {
  const before = world.upstream.requests.length;
  await fill({ path: '//evil.test/x' });
  expect(await status()).toBe('The path must begin with /, name no host, and stay inside the API.');
  await fill({ path: '/x', headers: 'nonsense' });
  expect(await status()).toContain('does not have the form');
  expect(world.upstream.requests).toHaveLength(before);
});

test('the code to copy makes the same call and holds no cookie', async () => {
  await page.locator('#tab-code').click();
  const [curl = '', fetched = ''] = await page.locator('#view-code pre').allInnerTexts();
  const cookie = (await world.chromium.context.cookies()).find(({ name }) => name === 'gatehouse');
  expect(curl).toContain(`curl '${world.app.url}/proxy/acme/invoices?take=2'`);
  expect(curl).toContain('"gatehouse=$SESSION_COOKIE"');
  expect(curl + fetched).not.toContain(cookie!.value.slice(0, 12));
  const again = await page.evaluate<string>(`(async () => { ${fetched}; return await answer.text(); })()`);
  expect(JSON.parse(again)).toEqual({ items: invoices });
});

test('10,000 rows in 10 MB are shown in part and the rest on demand, and the whole can be downloaded', async () => {
  const many = Array.from({ length: 10_000 }, (_, index) => ({ number: `N-${index}`, note: 'x'.repeat(1000) }));
  world.upstream.answer('/many', jsonReply(many));
  await press('Many');
  await page.waitForSelector('[data-testid=rows] tbody tr');
  expect([await rows().count(), await measure('rows')]).toEqual([50, '50 of 10,000 rows']);
  await page.locator('[data-part=more-rows]').click();
  await rows().nth(249).waitFor();
  expect((await cells()).at(-1)?.[0]).toBe('N-249');

  await page.locator('#tab-text').click();
  await page.locator('[data-part=text-shown]', { hasText: '40,000 of' }).waitFor();
  await page.locator('[data-part=more-text]').click();
  await page.locator('[data-part=text-shown]', { hasText: '240,000 of' }).waitFor();
  expect((await page.locator('[data-part=text]').innerText()).length).toBe(240_000);
  const download = page.waitForEvent('download');
  await page.locator('[data-part=download]').click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('many.json');
  expect(JSON.parse(await readFile(await file.path(), 'utf8'))).toHaveLength(10_000);
});

test.each([1280, 390])(
  'at %i pixels the box of a long and wide table ends with a whole row and hints at what is beyond its edges',
  async (width) => {
    const row = (n: number) =>
      Object.fromEntries(Array.from({ length: 9 }, (_, c) => [`member_${c}`, `${c} of ${n}, and some words`]));
    world.upstream.answer('/many', jsonReply(Array.from({ length: 40 }, (_, n) => row(n))));
    await page.setViewportSize({ width, height: 900 });
    await press('Many');
    await rows().nth(39).waitFor();
    const box = await page.locator('[data-part=table]').evaluate((element) => {
      const { clientHeight, scrollHeight, clientWidth, scrollWidth } = element as unknown as Record<string, number>;
      return { clientHeight, scrollHeight, clientWidth, scrollWidth };
    });
    const { height = 1 } = (await rows().first().boundingBox()) ?? {};
    expect(box.scrollHeight).toBeGreaterThan(box.clientHeight ?? 0);
    expect(box.scrollWidth).toBeGreaterThan(box.clientWidth ?? 0);
    expect(Math.abs((box.clientHeight ?? 0) / height - 13)).toBeLessThan(0.05);
    const shadows = await page.evaluate(
      `getComputedStyle(document.querySelector('[data-part=table]')).backgroundAttachment`,
    );
    expect(shadows).toBe('local, local, local, scroll, scroll, scroll');
    expect(await inspect(page)).toEqual([]);
  },
);

test('what is counted are the rows of a page, and none for an error, whose words are shown before the code of the call', async () => {
  expect(await measure('rows')).toBe('2 rows on this page');
  world.upstream.answer(/^\/counted/, jsonReply([{ number: 'P-3' }]));
  await press('Counted');
  expect(await measure('rows')).toBe('1 row');
  await page.locator('#tab-code').click();
  expect(await page.locator('#view-code > p').first().innerText()).toContain(
    'replace $SESSION_COOKIE with the value of your cookie gatehouse',
  );
  world.upstream.answer('/many', jsonReply({ message: 'no such thing' }, 404));
  await press('Many');
  expect([await measure('rows'), await status()]).toEqual(['–', 'The provider responded with an error, shown below.']);
  expect([await page.locator('#view-code').isVisible(), await cells()]).toEqual([false, [['no such thing']]]);
});

test('a file is offered for download under its name, byte for byte, and is not drawn', async () => {
  const bytes = Buffer.from([0x25, 0x50, 0x44, 0x46, 0, 255, 254, 1]);
  const headers = { 'content-type': 'application/pdf', 'content-disposition': 'inline; filename="May.pdf"' };
  world.upstream.answer('/statement', { headers, body: bytes });
  await press('Statement');
  expect(await status()).toContain(
    'The response is a file (application/pdf, 8 B). It is not shown here. Press Download to save it.',
  );
  expect(await page.locator('#tab-text').isVisible()).toBe(false);
  const download = page.waitForEvent('download');
  await page.locator('[data-part=download]').click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('May.pdf');
  expect(await readFile(await file.path())).toEqual(bytes);
});

test('an error of the provider is told apart from one of this server', async () => {
  world.upstream.answer('/many', jsonReply({ message: 'no such thing' }, 404));
  await press('Many');
  expect(await status()).toContain('The provider responded with an error');
  expect(await page.locator('[data-part=problem]').isVisible()).toBe(false);
  world.upstream.answer(/^\/invoices/, jsonReply({ error: 'slow down' }, 429));
  await press('Invoices');
  expect(await page.locator('[data-testid=rows]').innerText()).toContain('slow down');
  world.upstream.answer('/many', { instead: 'cut' });
  await press('Many');
  const problem = await page.locator('[data-part=problem]').innerText();
  expect(problem).toContain('This server, not the provider, refused the call. upstream_unreachable.');
  expect(problem).toMatch(/Request id: [\w-]{12}/);
});

test('when the grant has ended the page says so at once, and the link beside the error connects again', async () => {
  world.app.forward(4000);
  world.server.bend.token = { ...tokenError('invalid_grant'), on: 'refresh_token' };
  await press('Invoices');
  await page.waitForSelector('.page-head [data-status=reauth_required]');
  expect(await page.locator('[data-part=problem]').innerText()).toContain('reauth_required');
  world.server.bend = {};
  await page.locator('[data-part=problem] a.button').click();
  await page.waitForURL('**/connections/acme?connected=acme*');
  await page.waitForSelector('[data-testid=rows] tbody tr');
  expect(await page.locator('.page-head .status').getAttribute('data-status')).toBe('connected');
});

test('when the API refuses a renewed token, too, the page tells the connection as it is now, and the way to connect again', async () => {
  world.upstream.answer('/many', jsonReply({ error: 'invalid_token' }, 401));
  const again = page.locator('main button', { hasText: 'Reconnect' });
  expect(await page.locator('[data-notice=connected]').count()).toBe(1);
  // The API has just taken another call, so that the first refusal may be that one path's.
  await press('Many');
  await press('Many');
  await page.waitForSelector('.page-head [data-status=reauth_required]');
  expect([await page.locator('[data-notice=connected]').count(), await again.count()]).toEqual([0, 1]);
  expect(await cells()).toEqual([['invalid_token']]);
  expect(await inspect(page)).toEqual([]);
  await again.click();
  await page.waitForURL('**/connections/acme?connected=acme*');
  expect(await page.locator('.page-head .status').getAttribute('data-status')).toBe('connected');
});

test('a GraphQL provider has a box for the query and one for its variables, and errors inside a 200 are pointed out', async () => {
  world.upstream.answer('/graphql', jsonReply({ data: { companies: [{ id: 'c-1', name: 'Acme' }] } }));
  await world.connect(page, 'books');
  await page.waitForSelector('[data-testid=rows] tbody tr');
  expect(await page.locator('#own-path-hint').textContent()).not.toContain('/invoices');
  expect(await page.locator('#own-graphql').inputValue()).toBe('{ companies { id } }');
  world.upstream.answer('/graphql', jsonReply({ errors: [{ message: 'unknown field' }] }));
  await fill({ graphql: 'query Q($n: Int) { x(first: $n) }', variables: '{"n": 2}' });
  expect(JSON.parse(world.upstream.last.body.toString())).toEqual({
    ...{ query: 'query Q($n: Int) { x(first: $n) }', variables: { n: 2 } },
  });
  expect(await status()).toContain('reports errors in its response');
  await fill({ variables: '[]' });
  expect(await status()).toBe('The variables are not a JSON object.');
});

test('an answer without an end can be stopped', async () => {
  world.upstream.answer('/many', { headers: { 'content-type': 'text/plain' }, body: 'and so on', after: 'hang' });
  await page.locator('.call', { hasText: 'Many' }).click();
  await page.locator('[data-part=status]', { hasText: 'Received' }).waitFor();
  await page.locator('[data-part=stop]').click();
  await settled();
  expect(await status()).toBe('Stopped.');
});

test('disconnecting takes two presses, and the second ends the connection', async () => {
  await page.locator('details.sure summary').first().click();
  expect(await page.locator('[data-notice=disconnected]').count()).toBe(0);
  await page.locator('details.sure form button').first().click();
  await page.waitForSelector('[data-notice=disconnected]');
  expect(await page.locator('#provider-acme').getAttribute('data-status')).toBe('not_connected');
});
