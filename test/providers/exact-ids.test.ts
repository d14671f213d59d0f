import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectionOf, outcomeOf, startConnectWorld, type ConnectWorld } from '../connect/world.js';
import { listen, type Listening } from '../world/listen.js';

/** Two ids that are one number in JavaScript. */
const [one, other] = ['9007199254740993', '9007199254740992'];

let world: ConnectWorld;
let api: Listening;
/** Who the API says is signed in. */
let me = one;
const asked: (string | undefined)[] = [];

beforeAll(async () => {
  api = await listen((req, res) => {
    res.setHeader('content-type', 'application/json');
    if (req.url === '/me') res.end(`{"id": ${me}, "name": "Jo \\"${one}\\""}`);
    else if (req.url === '/companies') res.end(`[{"id": ${other}, "name": "Other"}, {"id": ${one}, "name": "One"}]`);
    else {
      asked.push(req.headers['x-company']?.toString());
      res.end('{}');
    }
  });
  world = await startConnectWorld({
    files: {
      exact: {
        extends: 'generic-oauth2',
        endpoints: { authorization: '$base/authorize', token: '$base/token' },
        api: { base_url: api.origin },
        account: { source: 'api', request: { path: '/me' }, subject: 'id', label: ['name'] },
        organizations: { request: { path: '/companies' }, id: 'id', name: ['name'], header: 'X-Company' },
      },
    },
  });
});
afterAll(() => Promise.all([world.close(), api.close()]));

test('an account and an organization beyond 2^53 keep every digit', async () => {
  const browser = world.newBrowser();
  expect(outcomeOf(await world.connect(browser, 'exact'))).toBeNull();
  expect((await connectionOf(browser, 'exact')).account).toEqual({ subject: one, label: `Jo "${one}"` });
  const list = (await browser.api.get('/api/connections/exact/organizations')).json;
  expect(list).toMatchObject({ organizations: [{ id: other }, { id: one }] });
  await browser.api.put('/api/connections/exact/organization', { json: { id: one } });
  await browser.api.get('/proxy/exact/books');
  expect(asked.at(-1)).toBe(one);
});

test('an account that differs in its last digit is put up for confirmation', async () => {
  const browser = world.newBrowser();
  await world.connect(browser, 'exact');
  me = other;
  const answer = await world.connect(browser, 'exact');
  expect(answer.location?.pathname).toBe('/connect/exact/confirm');
});
