import { expect, test } from '@jest/globals';
import { startApp, testEnvironment } from '../world/app.js';
import { createProvidersDirectory } from '../world/providers-directory.js';
import { productionEnvironment, refusalHere } from './configurations.js';

const client = (prefix: string, id = 'same') => ({ [`${prefix}_CLIENT_ID`]: id, [`${prefix}_CLIENT_SECRET`]: 'x1' });
const bothFlows = {
  ...client('REQUEST_FINANCE'),
  ...client('REQUEST_FINANCE_M2M'),
  REQUEST_FINANCE_ENVIRONMENT: 'test',
  REQUEST_FINANCE_M2M_ENVIRONMENT: 'test',
};
const handMade = (id: string, path: string) => `
id: ${id}
extends: generic-oauth2
endpoints: { authorization: https://id.acme.test/${path}/authorize, token: https://id.acme.test/${path}/token }
api: { base_url: https://api.acme.test }
`;
const twoFiles = { one: handMade('one', 'a'), two: handMade('two', 'b') };
const words = 'share one client id';

test('one client id for two flows of one server stops production, unless it is declared', async () => {
  const env = await productionEnvironment(bothFlows);
  expect(await refusalHere(env)).toMatch(/request-finance.*request-finance-m2m.*share one client id.*flows/s);
  expect(await refusalHere({ ...env, REQUEST_FINANCE_SHARED_CLIENT: 'true' })).toBe('it started');
  expect(await refusalHere({ ...env, ...client('REQUEST_FINANCE_M2M', 'another') })).toBe('it started');
});

test('one client id in two hand-made files of one server stops production', async () => {
  const env = await productionEnvironment({ ...client('ONE'), ...client('TWO') });
  expect(await refusalHere(env, twoFiles)).toContain(words);
  const elsewhere = { ...twoFiles, two: twoFiles.two.replaceAll('id.acme.test', 'id.books.test') };
  expect(await refusalHere(env, elsewhere)).toBe('it started');
});

test('one client id for two providers of one server is a warning in development', async () => {
  const directory = await createProvidersDirectory(twoFiles);
  const app = await startApp({ PROVIDERS_DIR: directory.path, ...client('ONE'), ...client('TWO') });
  await app.close();
  await directory.remove();
  expect(app.lines.join('')).toContain(words);
});

test('live data over http is refused but on this machine, where it is a warning', async () => {
  const live = { ...client('REQUEST_FINANCE'), REQUEST_FINANCE_ENVIRONMENT: 'live' };
  const invoiced = { ...client('INVOICED'), INVOICED_ENVIRONMENT: 'production' };
  const http = { PUBLIC_URL: 'http://connect.acme.test' };
  for (const env of [live, invoiced])
    expect(await refusalHere(await testEnvironment({ ...env, ...http }))).toMatch(/_ENVIRONMENT: .*PUBLIC_URL is http/);
  const sandboxed = { ...live, REQUEST_FINANCE_ENVIRONMENT: 'test' };
  expect(await refusalHere(await testEnvironment({ ...sandboxed, ...http }))).toBe('it started');
  const app = await startApp(live);
  await app.close();
  expect(app.lines.join('')).toContain('PUBLIC_URL is http');
});

test.each([
  [
    'a user in an endpoint',
    'endpoints: { token: https://user:pass@id.acme.test/token }',
    'token has a user or a fragment',
  ],
  ['a fragment in an endpoint', 'endpoints: { jwks: "https://id.acme.test/keys#x" }', 'jwks has a user or a fragment'],
  ['a fragment in the issuer', 'issuer: "https://id.acme.test/#x"', 'issuer has a user or a fragment'],
  [
    'an unknown placeholder in the issuer',
    'issuer: "https://id.acme.test/{realm}"',
    'issuer has an unknown placeholder',
  ],
  ['a placeholder without metadata', 'issuer: "https://id.acme.test/{tid}/v2.0"', 'Set discovery_url'],
])('a file with %s is refused', async (_what, line, message) => {
  const file = `id: odd\nextends: generic-oidc\n${line.startsWith('issuer') ? '' : 'issuer: https://id.acme.test\n'}${line}\n`;
  const env = await testEnvironment(client('ODD'));
  expect(await refusalHere(env, { odd: `${file}api: { base_url: https://api.acme.test }\n` })).toContain(message);
});
