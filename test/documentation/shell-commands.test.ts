import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createFolder, type Folder } from '../command-line/run-command.js';
import { gatehouseMentions, pages, read, root, shellCommands } from './shell-commands.js';

/** The test that runs a command, and the words in it that do so. */
type Shown = [file: string, evidence: RegExp];

const shown: Record<string, Shown> = {
  'npm ci': ['.ci/run', /^npm ci$/m],
  'npm test': ['.ci/run', /^npm test\b/m],
  'npm start': ['test/world/process.ts', /built\('main\.js'\)/],
  'npm run test:core': ['.ci/run', /--config jest\.core\.config\.js/],
  'npm run check': ['package.json', /"test": ".*npm run --silent check/],
  'npm run format': ['build/check.js', /`prettier --check/],
  'npm run build': ['package.json', /"test": ".*npm run --silent build/],
  'npm run jest -- test/callback/tabs.test.ts': ['package.json', /"test": ".*npm run --silent jest"/],
  'npm pack': ['test/release/pack.test.ts', /'pack'/],
  'curl -fsS https://connect.example.com/gatehouse.d.ts -o src/gatehouse-types.d.ts': [
    'test/embedding/module.test.ts',
    /\/gatehouse\.d\.ts/,
  ],
  'docker compose up': ['test/image/check-compose.sh', /compose up/],
  'deploy/compose/make-secrets.sh': ['test/image/check-production.sh', /deploy\/compose\/make-secrets\.sh/],
  'cp deploy/compose/gatehouse.env.example deploy/compose/gatehouse.env': [
    'test/image/production-files.test.ts',
    /gatehouse\.env\.example/,
  ],
  'docker compose --file deploy/compose/docker-compose.production.yml build': [
    'test/image/check-production.sh',
    /compose build/,
  ],
  'docker compose --file deploy/compose/docker-compose.production.yml up --detach': [
    'test/image/check-production.sh',
    /compose up --detach/,
  ],
  'deploy/compose/trial-certificate.sh deploy/compose/tls connect.example.com': [
    'test/image/check-production.sh',
    /trial-certificate\.sh "\$TLS_FOLDER" connect/,
  ],
  'deploy/compose/roll.sh': ['test/image/check-production.sh', /deploy\/compose\/roll\.sh/],
  'deploy/compose/rotate-keys.sh behind': ['test/image/check-production.sh', /for step in behind promote/],
  'deploy/compose/rotate-keys.sh promote': ['test/image/check-production.sh', /for step in behind promote/],
  'docker build --tag gatehouse .': ['test/image/build-and-run.sh', /bud|build/],
  'docker run --read-only --cap-drop all --security-opt no-new-privileges --env-file production.env --publish 127.0.0.1:3000:3000 gatehouse':
    ['test/image/check-image.sh', /run .*--read-only/],
  'docker exec my-gatehouse node dist/command-line/main.js doctor': [
    'test/image/check-image.sh',
    /node dist\/command-line\/main\.js doctor/,
  ],
  'npx --no gatehouse sessions list --owner ann': ['test/command-line/sessions.test.ts', /'--owner', 'ann'/],
  'npx --no gatehouse sessions revoke --owner ann': ['test/command-line/sessions.test.ts', /'revoke', '--owner'/],
  'npx --no gatehouse owners list': ['test/owners/operator.test.ts', /'owners', 'list'/],
  'npx --no gatehouse owners erase ann': ['test/owners/operator.test.ts', /'owners', 'erase'/],
  'npx --no gatehouse keys reseal': ['test/command-line/keys.test.ts', /'keys', 'reseal'/],
  'npx --no gatehouse keys list': ['test/command-line/keys.test.ts', /'keys', 'list'/],
};

let folder: Folder;
beforeAll(async () => {
  folder = await createFolder();
});
afterAll(() => folder.remove());

/** Those that are run here, one after the other in an empty folder. */
const run = [
  'npx --no gatehouse init',
  'npx --no gatehouse providers',
  'npx --no gatehouse doctor',
  'npx --no gatehouse keys rotate',
];
const inProject = ['npm sbom --omit dev --sbom-format cyclonedx --package-lock-only'];

test('every command on every page is run by a test, and no entry here is left over', () => {
  const commands = [...new Set(shellCommands().map(({ text }) => text))].sort();
  expect(commands).toEqual([...new Set([...Object.keys(shown), ...run, ...inProject])].sort());
});

test('the tests that are named do run them', () => {
  for (const [command, [file, evidence]] of Object.entries(shown))
    expect({ command, file, found: evidence.test(read(file)) }).toEqual({ command, file, found: true });
  expect(read('package.json')).toMatch(/"start": ".*node dist\/main\.js"/);
});

test('the commands of the guides end well, one after the other', async () => {
  for (const command of run) {
    const { code, output } = await folder.run(command.split(' ').slice(3));
    expect({ command, code, output }).toMatchObject({ code: 0 });
  }
});

test('npx finds the command in the project, and the package says of what it is made', async () => {
  const ask = promisify(execFile);
  const options = { cwd: root, maxBuffer: 64_000_000, env: { ...process.env, npm_config_offline: 'true' } };
  expect((await ask('npx', ['--no', 'gatehouse', 'providers', '--help'], options)).stdout).toMatch(
    /^Usage: gatehouse providers/,
  );
  for (const command of inProject) {
    const [program = '', ...args] = command.split(' ');
    expect((await ask(program, args, options)).stdout).toMatch(/CycloneDX/);
  }
});

test('every option and part of a command that a page names is in the help of that command', async () => {
  const mentions = gatehouseMentions().filter(({ text }) => !/^[A-Z]/.test(text));
  expect(mentions.length).toBeGreaterThan(15);
  const names = [...new Set(mentions.map(({ text }) => text.split(/[\s.,;:]/)[0] ?? ''))];
  const helps = new Map(
    await Promise.all(names.map(async (name) => [name, await folder.run([name, '--help'])] as const)),
  );
  for (const { page, text } of mentions) {
    const [name = '', ...words] = text.split(/\s+/);
    const help = helps.get(name.replace(/[.,;:]$/, ''));
    expect({ page, text, code: help?.code }).toEqual({ page, text, code: 0 });
    const named = words.filter((word) => /^--[a-z]/.test(word) || /^(?:list|revoke|check|rotate|reseal)$/.test(word));
    for (const word of named)
      expect({ page, text, word, known: help?.stdout.includes(word) }).toMatchObject({ known: true });
  }
});

test('every relative link of every page leads to a file', async () => {
  const { existsSync } = await import('node:fs');
  const broken = pages().flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
      .map(([, target = '']) => new URL(target, `file://${root}${page}`).pathname)
      .filter((path) => !existsSync(path))
      .map((path) => `${page} -> ${path}`),
  );
  expect(broken).toEqual([]);
});

test('the table of contents names every page', () => {
  const contents = read('docs/README.md');
  const named = pages().filter((page) => page.startsWith('docs/') && page !== 'docs/README.md');
  const outside = named.filter((page) => !/^docs\/(?:decisions|providers)\//.test(page));
  expect(outside.filter((page) => !contents.includes(`(${page.slice('docs/'.length)})`))).toEqual([]);
});
