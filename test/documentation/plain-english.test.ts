import { readdirSync, statSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { pages, read, root } from './shell-commands.js';

/** Words that a reader from another country has to look up, or that hide who acts. */
const privateWords =
  /\b(?:whoever|nobody|somebody|anew|let(?:s|ting)? go|spelt|mend(?:s|ed)?|on offer|turned away|(?:is|are|was|were|be) (?:told|said))\b/i;

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

/** The pages of today: a released version keeps its words in the list of changes. */
function current(page: string): string {
  return page === 'CHANGELOG.md' ? read(page).replace(/^## [\d.]+, \d{4}-[^]*/m, '') : read(page);
}

/** Every file that a person writes, but those of packages and what is compiled. */
function written(): string[] {
  const folders = ['.ci', 'bench', 'build', 'deploy', 'docs', 'examples', 'src', 'test', 'views'];
  const below = folders.flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  );
  return [...readdirSync(root), ...below]
    .filter((name) => !/(?:^|\/)node_modules\/|\.(?:png|woff2|ico)$/.test(name))
    .filter((name) => statSync(`${root}${name}`).isFile());
}

test('no page uses a word of our own where plain English has one', () => {
  expect(found(pages(), privateWords, current)).toEqual([]);
});

test('no file names a command that npx would look up in the public registry', () => {
  const files = written();
  expect(files.length).toBeGreaterThan(500);
  expect(found(files, registryCommand)).toEqual([]);
});

test("README's first screen, to the end of its two commands, has fewer than 150 words", () => {
  const [screen = ''] = read('README.md').split('## What you see');
  expect(screen.split(/\s+/).length).toBeLessThan(150);
});

test('every decision has its four headings, in order', () => {
  const decisions = pages().filter((page) => /^docs\/decisions\/\d{4}-/.test(page));
  expect(decisions.length).toBeGreaterThan(14);
  for (const page of decisions)
    expect([page, read(page).match(/^## .*$/gm)]).toEqual([
      page,
      ['## Status', '## Context', '## Decision', '## What would change it'],
    ]);
});

test('the check sees what it looks for', () => {
  const line = ['It is', 'told anew.'].join(' ');
  expect(found(['a'], privateWords, () => `fine\n${line}`)).toEqual([`a:2: ${line}`]);
  const commands = ['npx', 'npx --yes', 'npx --no'].map((start) => `${start} gatehouse doctor`);
  expect(commands.map((command) => registryCommand.test(command))).toEqual([true, true, false]);
});
