import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { format } from 'prettier';
import { gatherConfiguration } from '../../src/config/configuration.js';
import { reference } from '../../src/config/reference.js';
import { referencePage } from '../../src/config/reference-page.js';
import { createRegistry, gatherDefinitions } from '../../src/providers/registry.js';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const documented = reference.flatMap(({ variables }) => variables);

/** The names that the code asks the environment for, those of a provider as `<ID>_…`. */
function namesAskedFor(): Set<string> {
  const names = new Set<string>();
  const given: Record<string, string> = {
    LUCA_CLIENT_ID: 'a',
    LUCA_CLIENT_SECRET: 'b',
    REDIS_URL: 'redis://h',
    HTTPS_PROXY: 'http://h:1',
  };
  const variables = new Proxy(given, {
    get: (target, name) => {
      names.add(String(name));
      return target[String(name)];
    },
  });
  const { configuration, environment } = gatherConfiguration(variables);
  createRegistry(gatherDefinitions().definitions, environment, configuration);
  // Told about in the registry alone, where two clients are compared.
  names.add('LUCA_SHARED_CLIENT');
  // Asked for where there is no client id.
  names.add('LUCA_OFFERED');
  // Other programs read these names in small letters, too; the page has them once.
  const documentedAs = (name: string) => (/^(?:https?|no)_proxy$/.test(name) ? name.toUpperCase() : name);
  return new Set(
    [...names].map((name) =>
      documentedAs(name).replace(/^LUCA_(?=CLIENT|ENV|SHARED|WEBHOOK|PRIVATE|CERT|OFFERED)/, '<ID>_'),
    ),
  );
}

test('docs/configuration.md is what npm run reference writes', async () => {
  const page = await format(referencePage(), { parser: 'markdown', printWidth: 120 });
  expect(read('docs/configuration.md')).toBe(page);
});

test('every variable that the code reads is documented, and no other', () => {
  const provider =
    /^[A-Z][A-Z0-9_]*_(?:CLIENT_ID|OFFERED|CLIENT_SECRET|ENVIRONMENT|WEBHOOK_SECRET|WEBHOOK_FORWARD_URL)$/;
  const files = ['REDIS_CA_FILE', '<ID>_PRIVATE_KEY_FILE', '<ID>_CERTIFICATE_FILE'];
  const asked = [...namesAskedFor()].filter((name) => !name.endsWith('_FILE') || files.includes(name));
  expect(asked.filter((name) => !provider.test(name)).sort()).toEqual(documented.map(({ name }) => name).sort());
});

test('exactly the variables with a secret can be given as a file', () => {
  const asked = namesAskedFor();
  const files = documented.filter(({ name }) => asked.has(`${name}_FILE`)).map(({ name }) => name);
  expect(files).toEqual(documented.filter(({ secret }) => secret === true).map(({ name }) => name));
});

test.each(['.env.example', 'README.md'])('%s names every variable', (file) => {
  const text = read(file);
  for (const { name } of documented)
    expect({ file, name, named: text.includes(name) }).toEqual({ file, name, named: true });
});
