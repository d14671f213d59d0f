import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { problems } from '../../src/errors.js';

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

test('every code has its row, with its status and its meaning, and no row is left over', () => {
  const told = rows.map(([code = '', status, title]) => [code.replaceAll('`', ''), status, title]);
  expect(told).toEqual(Object.entries(problems).map(([code, { status, title }]) => [code, String(status), title]));
});

test('every code tells the visitor and the operator something', () => {
  for (const [code, , , visitor, operator] of rows)
    expect({ code, visitor, operator }).toMatchObject({
      visitor: expect.stringMatching(/\w.*[.)]$/),
      operator: expect.stringMatching(/\w.*[.)]$/),
    });
});
