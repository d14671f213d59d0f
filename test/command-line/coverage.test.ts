import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createFolder, type Folder } from './run-command.js';

/** A catalogue as other projects write it, with one entry for each way of being sayable or not. */
const catalogue = `
plain:
  auth_mode: OAUTH2
  authorization_url: https://id.plain.test/authorize
  token_url: https://id.plain.test/token
  proxy: { base_url: https://api.plain.test }
dialect:
  auth_mode: OAUTH2
  authorization_url: https://\${connectionConfig.shopName}.dialect.test/authorize
  token_url: https://\${connectionConfig.shopName}.dialect.test/token
  authorization_params: { response_type: code, scope: all, access_type: offline }
  token_params: { grant_type: authorization_code, expiring: 1 }
  body_format: json
  token_request_auth_method: basic
  scope_separator: ','
  connection_config: { shopName: { pattern: '^[a-z]+$' } }
  proxy:
    base_url: https://\${connectionConfig.shopName}.dialect.test/api
    headers: { X-Token: '\${accessToken}' }
sibling:
  alias: dialect
learnt:
  auth_mode: OAUTH2
  authorization_url: https://learnt.test/authorize
  token_url: https://learnt.test/token
  token_response_metadata: [instance_url]
  proxy: { base_url: '\${connectionConfig.instance_url}' }
anywhere:
  auth_mode: OAUTH2
  authorization_url: https://\${connectionConfig.hostname}/authorize
  token_url: https://\${connectionConfig.hostname}/token
  proxy: { base_url: 'https://\${connectionConfig.hostname}/api' }
scripted:
  auth_mode: OAUTH2
  authorization_url: https://scripted.test/authorize
  token_url: https://scripted.test/token
  connection_config: { cloudId: { automated: true } }
  proxy: { base_url: 'https://api.scripted.test/\${connectionConfig.cloudId}' }
keyed:
  auth_mode: API_KEY
  proxy: { base_url: https://api.keyed.test }
`;

let folder: Folder;
beforeAll(async () => {
  folder = await createFolder();
  await writeFile(folder.file('providers.yaml'), catalogue);
  await writeFile(folder.file('list.yaml'), '- one\n- two\n');
});
afterAll(() => folder.remove());

test('the OAuth 2 entries of another catalogue are told apart: what one file can say, and why the others not', async () => {
  const { code, json } = await folder.run(['providers', 'coverage', 'providers.yaml', '--json']);
  expect(code).toBe(0);
  const { entries, can, of } = json as {
    entries: { name: string; can: boolean; why: string[] }[];
    can: number;
    of: number;
  };
  expect([can, of]).toEqual([4, 6]);
  expect(entries.filter((each) => each.can).map(({ name }) => name)).toEqual(['plain', 'dialect', 'sibling', 'learnt']);
  const why = (name: string) => entries.find((each) => each.name === name)?.why.join('; ');
  expect(why('plain')).toBe('');
  expect(why('anywhere')).toMatch(/endpoints\.token .*whole host/);
  expect(why('scripted')).toMatch(/cloudId is found out by a program/);
});

test('a person reads the reasons and the share', async () => {
  const { code, stdout } = await folder.run(['providers', 'coverage', 'providers.yaml']);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^anywhere +.*4 of 6 OAuth 2 entries \(67 %\)/ms)]);
});

test.each(['list.yaml', 'missing.yaml'])('%s is no catalogue', async (file) => {
  const { code, stdout } = await folder.run(['providers', 'coverage', file]);
  expect([code, stdout]).toEqual([1, '']);
});
