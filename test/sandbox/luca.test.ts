import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { clientOf, json, type Json, type TokenAnswer } from './sandbox-world.js';
import { PersonBrowser, postForm } from './person-browser.js';

let world: Awaited<ReturnType<typeof clientOf>>;
beforeAll(async () => {
  world = await clientOf('luca');
});
afterEach(() => world.sandbox.control.reset());
afterAll(() => world.sandbox.close());

const url = (parameters: Record<string, string | undefined> = {}) =>
  world.authorizeUrl({ scope: 'accounting', state: 's1', ...parameters });

async function connect(parameters: Record<string, string | undefined> = {}) {
  const at = await new PersonBrowser(world.sandbox.url).allow(url(parameters));
  return json<TokenAnswer>(world.exchange(at.searchParams.get('code')!));
}

interface Answer {
  data: Record<string, { nodes: Json[]; pageInfo: { hasNextPage: boolean; endCursor: string } }>;
  errors: { message: string; extensions: Json }[];
}

function ask(token: string, query: string, variables: Json = {}) {
  const init = { method: 'POST', body: JSON.stringify({ query, variables }) };
  return world.api('/api/v1/graphql', token, { 'content-type': 'application/json' }, init);
}

test('the callback carries exactly code and scope, unless a switch adds state', async () => {
  const at = await world.browser.allow(url({ code_challenge: 'ignored' }));
  expect([...at.searchParams.keys()]).toEqual(['code', 'scope']);
  expect(at.searchParams.get('scope')).toBe('accounting');
  world.sandbox.control.set('luca', { echo_state: true });
  expect((await world.browser.allow(url())).searchParams.get('state')).toBe('s1');
});

test('a refusal comes back without a code', async () => {
  const browser = new PersonBrowser(world.sandbox.url);
  const { url: at } = await browser.submit(await browser.submit(await browser.open(url())), 'deny');
  expect([at.origin, at.search]).toEqual(['http://localhost:1', '']);
});

test('pages speak Norwegian, and an organisation number leaves one company or none', async () => {
  const browser = new PersonBrowser(world.sandbox.url);
  const signIn = await browser.open(url({ locale: 'nb', organisation_number: '927364518' }));
  expect(signIn.html).toContain('lang="nb"');
  expect(signIn.html).toContain('ikke den virkelige Luca Regnskap');
  const consent = await browser.submit(signIn);
  expect(consent.html.match(/type="radio"/g)).toHaveLength(1);
  expect(consent.html).toContain('Havn og Furu');
  const none = await browser.open(url({ organisation_number: '111111111' }));
  expect(none.html).not.toContain('value="allow"');
});

test('both token paths answer, with expires_in as text and a status', async () => {
  for (const version of ['v1', 'v2']) {
    const at = await world.browser.allow(url());
    const tokens = await json(
      postForm(`${world.sandbox.url}/luca/api/${version}/oauth2/token`, {
        ...world.credentials,
        grant_type: 'authorization_code',
        code: at.searchParams.get('code')!,
      }),
    );
    expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: '3600', status: 'ok' });
  }
  world.sandbox.control.set('luca', { expires_in: 'number' });
  expect(await connect()).toMatchObject({ expires_in: 3600 });
});

test('a refused grant is a 200 without access_token', async () => {
  const used = (await world.browser.allow(url())).searchParams.get('code')!;
  await world.exchange(used);
  const late = (await world.browser.allow(url())).searchParams.get('code')!;
  world.sandbox.control.advance(601);
  const refusals = [
    await world.exchange(used),
    await world.exchange(late),
    await world.exchange('unknown', { client_secret: 'wrong' }),
    await world.refresh('unknown'),
  ];
  expect(refusals.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  for (const refusal of refusals) {
    const body = (await refusal.json()) as Json;
    expect(body).not.toHaveProperty('access_token');
    expect(body).toHaveProperty('error_descriptions');
  }
});

test('a refresh token stays for ever, or rotates if a switch says so', async () => {
  const tokens = await connect();
  world.sandbox.control.advance(100_000_000);
  const again = await json<TokenAnswer>(world.refresh(tokens.refresh_token));
  expect(again.refresh_token).toBe(tokens.refresh_token);
  world.sandbox.control.set('luca', { rotation: true });
  const rotated = await json<TokenAnswer>(world.refresh(tokens.refresh_token));
  expect(rotated.refresh_token).not.toBe(tokens.refresh_token);
  expect(await json(world.refresh(tokens.refresh_token))).not.toHaveProperty('access_token');
});

test('sale invoices come in pages of at most a hundred, by cursor', async () => {
  const { access_token: token } = await connect();
  const query = `query Invoices($first: Int!, $after: String) {
    saleInvoices(first: $first, after: $after) { nodes { id number: invoiceNumber customer { name } } pageInfo { hasNextPage endCursor } }
  }`;
  const first = (await json<Answer>(ask(token, query, { first: 500 }))).data['saleInvoices']!;
  expect([first.nodes.length, first.pageInfo.hasNextPage]).toEqual([100, true]);
  expect(Object.keys(first.nodes[0]!)).toEqual(['id', 'number', 'customer']);
  const after = first.pageInfo.endCursor;
  const second = (await json<Answer>(ask(token, query, { first: 100, after }))).data['saleInvoices']!;
  expect(second.pageInfo.hasNextPage).toBe(false);
  expect(new Set([...first.nodes, ...second.nodes].map((node) => node['id'])).size).toBeGreaterThan(100);
});

test('the chosen company names the connection', async () => {
  const { access_token: token } = await connect({ organisation_number: '927364518' });
  const { data } = await json<Answer>(ask(token, '{ companies { nodes { id name organisationNumber } } }'));
  expect(data['companies']!.nodes).toMatchObject([{ organisationNumber: '927364518' }]);
});

test.each([
  ['an unknown field', '{ salaries { nodes { id } } }'],
  ['an unknown member', '{ companies { nodes { secret } } }'],
  ['a missing selection', '{ companies }'],
  ['an unknown argument', '{ companies(where: 1) { nodes { id } } }'],
  ['a prototype member', '{ constructor { name } }'],
  ['half a document', '{ companies { nodes'],
  ['a mutation', 'mutation { companies { nodes { id } } }'],
])('%s is answered with errors in a 200', async (_what, query) => {
  const { access_token: token } = await connect();
  const answer = await ask(token, query);
  expect(answer.status).toBe(200);
  expect(((await answer.json()) as Answer).errors).toHaveLength(1);
});

test('a bad token is a plain 401, or UNAUTHENTICATED in a 200', async () => {
  expect((await ask('unknown', '{ companies { nodes { id } } }')).status).toBe(401);
  world.sandbox.control.set('luca', { graphql_401: 'errors_in_200' });
  const inside = await ask('unknown', '{ companies { nodes { id } } }');
  expect([inside.status, await inside.json()]).toMatchObject([
    200,
    { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] },
  ]);
});
