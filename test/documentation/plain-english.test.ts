import { readdirSync, statSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { read, root } from './shell-commands.js';

/** The command of this project, where npx would ask the public registry for another package of its name. */
const registryCommand = /\bnpx (?!--no )(?:-\S+ )*gatehouse/;

/** What each file holds of a pattern, as `file:line: text`. */
function found(files: readonly string[], pattern: RegExp, text = read): string[] {
  return files.flatMap((file) =>
    text(file)
      .split('\n')
      .flatMap((line, at) => (pattern.test(line) ? [`${file}:${at + 1}: ${line.trim().slice(0, 160)}`] : [])),
  );
}

/** Every file that a person writes, but those of packages and what is compiled. */
function written(): string[] {
  const folders = ['.ci', 'bench', 'deploy', 'docs', 'examples', 'src', 'test', 'views'];
  const below = folders.flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  );
  return [...readdirSync(root), ...below]
    .filter((name) => !/(?:^|\/)node_modules\/|\.(?:png|woff2|ico)$/.test(name))
    .filter((name) => statSync(`${root}${name}`).isFile());
}

test('no file names a command that npx would look up in the public registry', () => {
  const files = written();
  expect(files.length).toBeGreaterThan(500);
  expect(found(files, registryCommand)).toEqual([]);
});

test('the check sees what it looks for', () => {
  const commands = ['npx', 'npx --yes', 'npx --no'].map((start) => `${start} gatehouse doctor`);
  expect(commands.map((command) => registryCommand.test(command))).toEqual([true, true, false]);
});
