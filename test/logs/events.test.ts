import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { logFieldNames, type LogFields } from '../../src/log/fields.js';
import { createLog } from '../../src/log/log.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(`${root}docs/logs.md`, 'utf8');

/** Every event that the code names, but those of the sandbox. */
function eventsInCode(): string[] {
  const found = new Set(['store.lost', 'store.refused']);
  for (const name of readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts') || name.startsWith('sandbox')) continue;
    const code = readFileSync(`${root}src/${name}`, 'utf8');
    for (const [, event = ''] of code.matchAll(/(?:log(?:\.\w+|\[level\])|audit)\(\s*'([a-z]+\.[a-z_]+)'/g))
      found.add(event);
  }
  return [...found].sort();
}

test('docs/logs.md lists every event of the code, and no other', () => {
  const listed = [...page.matchAll(/^\| `([a-z]+\.[a-z_]+)`/gm)].map(([, event = '']) => event);
  expect(listed.sort()).toEqual(eventsInCode());
});

test('docs/logs.md lists every field', () => {
  for (const name of logFieldNames) expect(page).toContain(`\`${name}\``);
});

test('a field that is not on the list, and one that is no scalar, is not written at any level', () => {
  const lines: string[] = [];
  const log = createLog({ level: 'debug', format: 'json', destination: { write: (line) => lines.push(line) } });
  const tokens = { accessToken: 'canary', code: { access_token: 'canary' }, provider: 'acme' };
  for (const write of [log.debug, log.info, log.warn, log.error]) write('a.b', { ...(tokens as object as LogFields) });
  log.audit('a.b', { slot: 'canary', owner: 'canary' }, { ...(tokens as object as LogFields) });
  expect(lines).toHaveLength(5);
  expect(lines.join('')).not.toContain('canary');
  expect(lines.every((line) => line.includes('"provider":"acme"'))).toBe(true);
});
