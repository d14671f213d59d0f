import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createFolder, type Folder } from './run-command.js';

let folder: Folder;
beforeAll(async () => {
  folder = await createFolder();
});
afterAll(() => folder.remove());

const names = ['start', 'doctor', 'init', 'providers', 'sessions', 'keys'];

test('--help lists every command, and each tells of itself', async () => {
  const { code, stdout } = await folder.run(['--help']);
  expect(code).toBe(0);
  for (const name of names) expect(stdout).toMatch(new RegExp(`^ {2}${name} +\\S`, 'm'));
  const helps = await Promise.all(names.map((name) => folder.run([name, '--help'])));
  for (const [index, help] of helps.entries()) {
    expect(help.code).toBe(0);
    expect(help.stdout).toMatch(new RegExp(`^Usage: gatehouse ${names[index] ?? ''}`));
  }
});

test.each<[string, string[], RegExp]>([
  ['no command', [], /^Usage: gatehouse COMMAND/],
  ['an unknown command', ['frobnicate'], /^There is no command "frobnicate"\.\n[\s\S]*Usage:/],
  ['a command with a letter wrong', ['docter'], /^There is no command "docter"\. Did you mean doctor\?/],
  ['an unknown option', ['doctor', '--jsn'], /^There is no option --jsn\. Did you mean --json\?/],
  ['an unknown part', ['sessions', 'lst'], /^There is no "sessions lst"\. Did you mean sessions list\?/],
  ['a part left out', ['keys'], /^Say what to do: keys rotate, keys reseal, keys list\./],
  ['a word too many', ['doctor', 'now'], /^"now" is one word too many\./],
  ['a file left out', ['providers', 'check'], /^Name the file/],
  ['nobody to end', ['sessions', 'revoke'], /^Name the sessions/],
  ['both ways of naming', ['sessions', 'revoke', 'x', '--owner', 'y'], /^Name the sessions/],
  ['a tag that is none', ['sessions', 'revoke', 'x'], /^"x" is no tag/],
  ['a limit that is none', ['sessions', 'list', '--limit', '0'], /^--limit is a whole number/],
  ['two steps at once', ['keys', 'rotate', '--behind', '--promote'], /^--behind and --promote/],
  ['a prototype member', ['constructor'], /^There is no command "constructor"\./],
])('%s ends with 2 and what would be right', async (_what, args, message) => {
  const { code, stdout, stderr } = await folder.run(args);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/\n\s+at /);
});
