import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { problems } from '../../src/errors.js';
import { problemsEn } from '../../src/views/messages/problems-en.js';

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

test('every code has its row, with its status, its meaning and what the page tells the visitor, and no row is left over', () => {
  const told = rows.map(([code = '', status, title, visitor]) => [code.replaceAll('`', ''), status, title, visitor]);
  expect(told).toEqual(
    Object.entries(problems).map(([code, { status, title }]) => [
      code,
      String(status),
      title,
      problemsEn[code as keyof typeof problems].action,
    ]),
  );
});

test('every code tells the operator something', () => {
  for (const [code, , , , operator] of rows)
    expect({ code, operator }).toMatchObject({ operator: expect.stringMatching(/\w.*[.)]$/) });
});
