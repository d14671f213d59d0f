import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const root = new URL('../../', import.meta.url);
const text = readFileSync(new URL('SECURITY.md', root), 'utf8');
const rows = text.split('\n').filter((line) => line.startsWith('| ') && !/^\| (Threat|-)/.test(line));

test('every defence in SECURITY.md names a test, and each of them exists and holds tests', () => {
  expect(rows.length).toBeGreaterThan(15);
  for (const row of rows) {
    const named = [...row.matchAll(/`(test\/[^`]+)`/g)].map(([, file]) => file ?? '');
    expect([row, named.length > 0]).toEqual([row, true]);
    for (const file of named) {
      expect([file, existsSync(new URL(file, root))]).toEqual([file, true]);
      expect(readFileSync(new URL(file, root), 'utf8')).toMatch(/\btest(\.each.*)?\(/);
    }
  }
});
