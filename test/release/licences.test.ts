import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

interface Locked {
  dev?: boolean;
  version: string;
  license?: string;
}

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> };
const production = Object.entries(packages)
  .filter(([path, { dev }]) => path !== '' && dev !== true)
  .map(([path, { version, license = 'not stated' }]) => ({
    name: path.replace(/^.*node_modules\//, ''),
    version,
    license,
  }));

test('everything that runs in production is under a licence that asks for no more than a notice', () => {
  const permissive = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'BlueOak-1.0.0', 'Unlicense'];
  expect(production.length).toBeGreaterThan(50);
  expect(production.filter(({ license }) => !permissive.includes(license))).toEqual([]);
});

test('docs/licences.md lists exactly that', () => {
  const rows = [...read('docs/licences.md').matchAll(/^\| (\S+) +\| (\d\S*) +\| (\S.*?) +\|$/gm)];
  const listed = rows.map(([, name, version, license]) => ({ name, version, license }));
  expect(listed.map((row) => JSON.stringify(row)).sort()).toEqual(production.map((row) => JSON.stringify(row)).sort());
});
