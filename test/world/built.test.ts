import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertBuilt } from './built.js';

let folder: string;
const at = (name: string) => join(folder, name);
const write = (name: string, seconds: number) => {
  writeFileSync(at(name), '');
  utimesSync(at(name), seconds, seconds);
};
const check = () => assertBuilt(at('src'), at('dist'));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-built-'));
  for (const name of ['src/client', 'src/oauth', 'dist/client', 'dist/oauth']) mkdirSync(at(name), { recursive: true });
  write('src/oauth/grants.ts', 1000);
  write('src/oauth/texts.d.ts', 1000);
  write('src/client/popup.ts', 1000);
  write('dist/oauth/grants.js', 2000);
  write('dist/client/gatehouse.js', 2000);
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a build that is newer than every source passes', () => {
  expect(check).not.toThrow();
});

test.each([
  ['a source that changed after the build', () => write('src/oauth/grants.ts', 3000), 'oauth/grants.ts'],
  ['a source that was not built', () => write('src/oauth/scopes.ts', 1000), 'oauth/scopes.ts'],
  ['a module of the front end that changed', () => write('src/client/popup.ts', 3000), 'client/popup.ts'],
])('%s is named in one line, with the command to run', (_situation, change, name) => {
  change();
  expect(check).toThrow(new Error(`dist is older than src/${name}: run npm run build`));
});
