import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { acme, canary } from '../configuration/configurations.js';
import { createFolder, type Folder } from './run-command.js';

let folder: Folder;
beforeAll(async () => {
  folder = await createFolder();
});
afterAll(() => folder.remove());

const check = async (file: string) => {
  await writeFile(folder.file('acme.yaml'), file);
  const { code, stdout } = await folder.run(['providers', 'check', 'acme.yaml']);
  return { code, stdout };
};

test('the list tells what is offered, what is missing and what to register, and shows no value', async () => {
  const env = { INVOICED_CLIENT_ID: canary(), INVOICED_CLIENT_SECRET: canary(), LUCA_CLIENT_ID: canary() };
  const { code, json, output } = await folder.run(['providers', '--json'], env);
  expect(code).toBe(0);
  const { providers } = json as { providers: { id: string }[] };
  const of = (id: string) => providers.find((each) => each.id === id);
  expect(of('invoiced')).toMatchObject({
    offered: true,
    environment: 'sandbox',
    client_id: 'set',
    client_secret: 'set',
    redirect_uri: 'http://localhost:3000/connect/invoiced/callback',
  });
  expect(of('luca')).toMatchObject({ offered: false, client_id: 'set', client_secret: 'missing' });
  expect(of('request-finance-m2m')).toMatchObject({ redirect_uri: null });
  for (const value of Object.values(env)) expect(output).not.toContain(value);
  expect(of('generic-oidc')).toMatchObject({ offered: false, to_extend: true, redirect_uri: null });
  expect(of('luca')).toMatchObject({ to_extend: false });

  const { stdout } = await folder.run(['providers'], { ...env, PUBLIC_URL: 'https://gate.test/below' });
  expect(stdout).toMatch(
    /^invoiced +yes +set +set +sandbox +https:\/\/gate\.test\/below\/connect\/invoiced\/callback$/m,
  );
  expect(stdout).not.toMatch(/^generic-/m);
  expect(stdout).toContain(
    'Nothing is registered for generic-oauth2, generic-oidc: a file of your own extends one of them',
  );
});

test.each<[string, string, RegExp]>([
  ['an unknown key', `${acme}colour: red\n`, /^acme\.yaml:6: colour is not a known key\./],
  ['bad YAML', 'id: acme\nname: [open\n', /^acme\.yaml:[23]: this is not readable YAML/],
  ['a base that is not there', acme.replace('generic-oauth2', 'nothing'), /^acme\.yaml:3: extends names nothing/],
  ['the id of another', acme.replace('id: acme', 'id: luca'), /^acme\.yaml:1: the id luca is taken/],
  ['no API', acme.replace(/^api.*$/m, ''), /^acme\.yaml: acme: there is no API/],
])('a file with %s is refused with its line', async (_what, file, message) => {
  expect(await check(file)).toMatchObject({ code: 1, stdout: expect.stringMatching(message) });
});

test('a file that can be used is said to be so, and what production would refuse is told', async () => {
  expect(await check(acme)).toEqual({ code: 0, stdout: 'acme.yaml: acme (Acme Books) can be used.\n' });
  const local = acme.replaceAll('https://id.acme.test', 'http://127.0.0.1:4000');
  const { code, stdout } = await check(local);
  expect(code).toBe(0);
  expect(stdout).toMatch(/In production it would be refused: acme: authorization is not https/);
});
