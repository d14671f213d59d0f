import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readEnvironment } from '../../src/config/environment.js';
import { openCatalogue } from '../../src/providers/catalogue.js';
import { createRegistry, gatherDefinitions } from '../../src/providers/registry.js';

/** A catalogue with one entry that is whole and one that cannot be read: whoever reads it, notices. */
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'catalogue-'));
  writeFileSync(
    join(folder, 'acme.yaml'),
    `id: acme
endpoints: { authorization: https://acme.example/authorize, token: https://acme.example/token }
api: { base_url: https://api.acme.example }
`,
  );
  writeFileSync(join(folder, 'broken.yaml'), 'id: broken\nno_such_key: true\n');
  writeFileSync(join(folder, 'misnamed.yaml'), 'id: acme\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const registryWith = (variables: Record<string, string>) => {
  const { definitions, problems } = gatherDefinitions(undefined, openCatalogue(folder));
  expect(problems).toEqual([]);
  return createRegistry(definitions, readEnvironment(variables), { production: false });
};

test('a file of the catalogue is read when a client id names it, and no other', () => {
  const registry = registryWith({ ACME_CLIENT_ID: 'c', ACME_CLIENT_SECRET: 's' });
  expect(registry.all().map(({ id }) => id)).toEqual(['acme']);
});

test('one that cannot be read stops the start once a client id names it', () => {
  expect(() => registryWith({ BROKEN_CLIENT_ID: 'c', BROKEN_CLIENT_SECRET: 's' })).toThrow(/broken\.yaml:2/);
  expect(() => registryWith({ MISNAMED_CLIENT_ID: 'c', MISNAMED_CLIENT_SECRET: 's' })).toThrow(/the id is acme/);
});
