import { expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { unusableDiscovery } from '../world/misbehaving/discovery.js';
import { acceptedIdTokens, refusedIdTokens } from '../world/misbehaving/id-token-bends.js';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const rows = read('docs/conformance.md')
  .split('\n')
  .flatMap((line) => {
    const [, name = '', outcome = '', shownBy = ''] = line.split('|').map((cell) => cell.trim());
    const [, path = '', title = ''] = /^(test\/[\w/.-]+): (.+)$/.exec(shownBy) ?? [];
    return name.startsWith('rp-') && outcome && title ? [{ name, outcome, path, title }] : [];
  });

/** The names that stand in a file itself, and those that its tables bring. */
const tables: Record<string, string[]> = {
  'test/callback/id-token.test.ts': [...Object.keys(refusedIdTokens), ...Object.keys(acceptedIdTokens)],
  'test/connect/discovery.test.ts': Object.keys(unusableDiscovery),
};

test('the table of relying-party tests is read whole, and names each of them once', () => {
  const listed = read('docs/conformance.md').match(/^\| rp-/gm) ?? [];
  expect(rows).toHaveLength(listed.length);
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
  expect(rows.length).toBeGreaterThan(20);
});

test.each(rows)('$name is shown by a test that exists', ({ path, title }) => {
  const source = read(path);
  const written = ["'", '`'].some((quote) => source.includes(quote + title + quote));
  expect(written || (tables[path] ?? []).includes(title)).toBe(true);
});

test('every test file that the page names exists', () => {
  const named = read('docs/conformance.md').match(/\btest\/[\w/-]+\.test\.ts/g) ?? [];
  expect(named.length).toBeGreaterThan(100);
  expect([...new Set(named)].filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
});
