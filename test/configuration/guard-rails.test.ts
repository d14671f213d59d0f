import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { startApp, testEnvironment } from '../world/app.js';
import { clientEnvironment, createProvidersDirectory } from '../world/providers-directory.js';
import { refusalHere } from './configurations.js';

const client = (id: string, environment: string) => ({
  ...clientEnvironment(id, 'a', 'b'),
  [`${id.toUpperCase().replaceAll('-', '_')}_ENVIRONMENT`]: environment,
});
const rf = (more: string) => `id: rf\nextends: request-finance\n${more}`;

test.each([
  ['in its own keys', rf('environments: { test: { api: { headers: { X-Network: live } } } }\n'), 'test', 'live'],
  ['above its environments', rf('api: { headers: { X-Network: live } }\n'), 'test', 'live'],
  ['in other letters', rf('api: { headers: { x-network: live } }\n'), 'test', 'live'],
  ['the other way round', rf('environments: { live: { api: { headers: { X-Network: test } } } }\n'), 'live', 'test'],
])(
  'the header of one environment on a registration of the other is refused: %s',
  async (_how, text, chosen, header) => {
    const words = `on a registration of the environment ${chosen}. There it is ${chosen}`;
    const output = await refusalHere(await testEnvironment(client('rf', chosen)), { rf: text });
    expect(output).toMatch(new RegExp(`X-Network: ${header} ${words}`, 'i'));
  },
);

test.each(['live', 'test'])('the header that is right for %s may be said again', async (chosen) => {
  const text = rf(`api: { headers: { X-Network: ${chosen} } }\n`);
  expect(await refusalHere(await testEnvironment(client('rf', chosen)), { rf: text })).toBe('it started');
});

test('a registration without the header that every call needs is refused', async () => {
  const text = rf('environments: { test: { api: { headers: { X-Network: null } } } }\n');
  const output = await refusalHere(await testEnvironment(client('rf', 'test')), { rf: text });
  expect(output).toContain('api.headers does not set X-Network');
});

test('an environment of the operator has to say which value is its own', async () => {
  const text = rf('environments: { staging: { api: { headers: { X-Network: test } } } }\n');
  const env = await testEnvironment(client('rf', 'staging'));
  expect(await refusalHere(env, { rf: text })).toContain('X-Network has no value for the environment staging');
  const named = `${text}api: { environment_header: { values: { staging: test } } }\n`;
  expect(await refusalHere(env, { rf: named })).toContain('environment_header.name');
  const whole = `${text}api: { environment_header: { name: X-Network, values: { staging: test } } }\n`;
  expect(await refusalHere(env, { rf: whole })).toBe('it started');
});

const plain = `
id: plain
extends: generic-oauth2
endpoints: { authorization: https://id.test/a, token: https://id.test/t }
api: { base_url: https://api.test, headers: { X-One: a, x-one: b } }
`;

test.each([
  ['a header in two spellings', plain, 'api.headers has X-One and x-one'],
  [
    'a label pattern that is none',
    plain.replace('x-one', 'x-two') + 'account: { label_replace: { pattern: "(", with: "" } }\n',
    'label_replace.pattern is not a regular',
  ],
  [
    'a confirmation of an account that nobody names',
    plain.replace('x-one', 'x-two') + 'confirm: always\n',
    'confirm: always needs an account',
  ],
  [
    'an account that is asked for nowhere',
    plain.replace('x-one', 'x-two') + 'account: { source: api }\n',
    'needs the call that reads it',
  ],
])('%s is refused', async (_what, text, words) => {
  const env = await testEnvironment(clientEnvironment('plain', 'a', 'b'));
  expect(await refusalHere(env, { plain: text })).toContain(words);
});

test.each([
  ['api: { base_ulr: https://x.test }', /api\.base_ulr is not a known key.*; base_url is close/],
  ['apii: {}', /apii is not a known key.*; api is close/],
  [
    'revocation: { colour: red }',
    /revocation\.colour is not a known key.*known here: token, ends, client_authentication/,
  ],
  ['environments: { test: { api: { base_ur: x } } }', /environments\.test\.api\.base_ur is not.*; base_url is close/],
  ['authorization: { pkce: plain }', /authorization\.pkce .*one of S256, off/],
  ['scopes: openid', /scopes .*a list is right/],
  ['token: { default_lifetime: soon }', /token\.default_lifetime .*a whole number is right/],
  ['api: { examples: [{ name: A, path: /a, colums: [] }] }', /colums is not a known key.*; columns is close/],
])('a mistake in a file is told with what would be right: %s', async (line, message) => {
  expect(await refusalHere(await testEnvironment(), { odd: `id: odd\n${line}\n` })).toMatch(message);
});

test('files end in .yaml or .yml, and what else lies there is named', async () => {
  const directory = await createProvidersDirectory({
    one: plain.replace('x-one', 'x-two').replace('id: plain', 'id: one'),
  });
  const write = (name: string, text: string) => writeFile(join(directory.path, name), text);
  await write('two.yml', plain.replace('x-one', 'x-two').replace('id: plain', 'id: two'));
  await Promise.all(['three.YAML', 'notes.txt', '.hidden'].map((name) => write(name, 'id: [')));
  const app = await startApp({
    PROVIDERS_DIR: directory.path,
    ...clientEnvironment('one', 'a', 'b'),
    ...clientEnvironment('two', 'a', 'b'),
  });
  await app.close();
  await directory.remove();
  const lines = app.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.find(({ event }) => event === 'server.started')?.['providers']).toBe('one two');
  const warning = lines.find(({ hint }) => String(hint).includes('PROVIDERS_DIR'))?.['hint'];
  expect(warning).toContain('notes.txt, three.YAML not read');
  expect(warning).not.toContain('hidden');
});

test('each provider on offer is logged with the redirect URI that is to be registered', async () => {
  const app = await startApp(client('request-finance', 'test'));
  await app.close();
  const offered = app.lines.find((line) => line.includes('provider.offered')) ?? '';
  expect(JSON.parse(offered)).toMatchObject({
    provider: 'request-finance',
    environment: 'test',
    redirect_uri: `${app.url}/connect/request-finance/callback`,
  });
});
