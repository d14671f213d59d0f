import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { parseVariables } from '../../src/config/parse-variables.js';
import { createFolder, type Folder } from '../command-line/run-command.js';

// The rules are those of Docker Compose (compose-go, dotenv), so that one file means the same to both.

const read = (text: string | Buffer) => parseVariables(Buffer.from(text), '.env');
const nbsp = '\u00a0';

test.each([
  ['a # inside a value is part of it', 'A=se#cret', 'se#cret'],
  ['a # at the start of a value is part of it', 'A=#secret', '#secret'],
  ['a # after a space begins a comment', 'A=secret # why', 'secret'],
  ['a # in double quotes is part of the value', 'A="se #cret" # why', 'se #cret'],
  ['a # in single quotes is part of the value', "A='se #cret'", 'se #cret'],
  ['export is a word of the shell', 'export A=x', 'x'],
  ['spaces around the name and the value do not count', '  A = x  ', 'x'],
  ['a colon does as well as =', 'A: x', 'x'],
  ['= may stand in a value', 'A=x==', 'x=='],
  ['an empty value is empty', 'A=', ''],
  ['double quotes take escapes', 'A="a\\nb\\"c\\\\"', 'a\nb"c\\'],
  ['single quotes take none', "A='a\\nb$c'", 'a\\nb$c'],
  ['a value in quotes may have lines', 'A="one\n# two\nthree"', 'one\n# two\nthree'],
  ['backticks are no quotes', 'A=`x`', '`x`'],
  ['the last line counts', 'A=x\nA=y', 'y'],
  ['CRLF ends lines', 'B=1\r\nA=x\r\n', 'x'],
  ['a byte order mark is no part of the first name', '\uFEFFA=x', 'x'],
  ['a byte order mark before a comment hides nothing', '\uFEFF# why\nA=x', 'x'],
  ['non-breaking spaces are spaces', `${nbsp}A${nbsp}=${nbsp}x${nbsp}`, 'x'],
  ['a # in a value in the middle of the file hides no later line', 'B="x" # "\nA=x', 'x'],
])('%s', (_what, text, value) => {
  expect(read(text)).toMatchObject({ values: { A: value }, problems: [] });
});

test.each([
  ['UTF-16 with a byte order mark', Buffer.from('\uFEFFA=x\n', 'utf16le'), 1, 'UTF-16'],
  ['UTF-16 without one', Buffer.from('A=x\n', 'utf16le'), 1, 'UTF-16'],
  ['Latin-1', Buffer.from('A=\u00fcber', 'latin1'), 1, 'UTF-8'],
  ['a line without =', 'B=1\nPUBLIC_URL https://x.test\nA=x', 2, 'NAME=value'],
  ['a name with a dash in front', '-A=x', 1, 'NAME=value'],
  ['typographic quotes around a name', '\u201cA\u201d=x', 1, 'NAME=value'],
  ['a quote that is not closed', 'B=1\nA="x\nC=2\n', 2, 'not closed'],
  ['text after the closing quote', `A='x'y`, 1, 'follows the closing quote'],
  ['lines that end with a carriage return alone', 'A=x\rB=y\r', 1, 'carriage return'],
])('%s is a problem with its line', (_what, text, line, word) => {
  const { problems } = read(text);
  expect(problems[0]).toMatchObject({ where: `.env:${line}`, what: expect.stringContaining(word) });
  expect(JSON.stringify(problems)).not.toContain('https://x.test');
});

test.each(['A=pa$word', 'A=pa$$word', 'A="${B}"'])('%j keeps its $, and is warned about with its line', (text) => {
  const { values, warnings } = read(`# first\n${text}`);
  expect(values['A']).toContain('$');
  expect(warnings).toEqual([expect.stringMatching(/^\.env:2 A: Docker Compose/)]);
});
test.each(["A='pa$word'", 'A="pa\\$word"', 'A=5$'])('%j means the same to both', (text) => {
  expect(read(text).warnings).toEqual([]);
});

let folder: Folder;
beforeAll(async () => {
  folder = await createFolder();
});
afterAll(() => folder.remove());

test('the server and the doctor say what is wrong with .env, by file and line and without a value', async () => {
  await writeFile(folder.file('.env'), 'SESSION_SECRET="canary-never-closed\nPUBLIC_URL=x', { mode: 0o600 });
  const [server, doctor] = [await folder.run(['start']), await folder.run(['doctor', '--json'])];
  expect([server.code, server.stderr]).toEqual([1, expect.stringContaining('  .env:1: SESSION_SECRET: a quote is')]);
  expect(server.output + doctor.output).not.toContain('canary');
  expect(doctor.code).toBe(1);
  expect(doctor.json).toMatchObject({
    findings: expect.arrayContaining([expect.objectContaining({ level: 'problem', where: '.env:1' })]),
  });

  await writeFile(folder.file('.env'), Buffer.from('\uFEFFSESSION_SECRET=canary\n', 'utf16le'), { mode: 0o600 });
  expect((await folder.run(['start'])).stderr).toContain('.env:1: the file is not UTF-8');
  expect((await folder.run(['doctor', '--json'])).json).toMatchObject({ ok: false });
}, 60_000);

test('a secret from a file in UTF-16 is refused by name, and a byte order mark is no part of one', async () => {
  await writeFile(folder.file('.env'), '', { mode: 0o600 });
  await writeFile(folder.file('secret'), Buffer.from(`\uFEFF${'s'.repeat(40)}\r\n`, 'utf16le'), { mode: 0o600 });
  const refused = await folder.run(['start'], { SESSION_SECRET_FILE: folder.file('secret') });
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/SESSION_SECRET_FILE: .*not UTF-8/)]);
  const secret = '5a0c1f9e7b3d48626a1e0f4c9b7d35e8';
  await writeFile(folder.file('secret'), `\uFEFF${secret}\r\n`, { mode: 0o600 });
  const printed = await folder.run(['keys', 'rotate', '--only', 'session', '--print'], {
    SESSION_SECRET_FILE: folder.file('secret'),
  });
  expect(printed.stdout).toMatch(new RegExp(`,${secret}\\n$`));
}, 60_000);
