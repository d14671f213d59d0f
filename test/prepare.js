/*
 * Installs what the tests need besides the packages, on Debian as root; elsewhere it says in one line what is missing.
 * `node test/prepare.js core` asks for what jest.core.config.js needs alone.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';

const isCore = process.argv[2] === 'core';
const withoutBrowser = process.env['GATEHOUSE_TESTS_WITHOUT_BROWSER'] === '1';

/** @param {string} program */
function isInstalled(program) {
  return [...(process.env['PATH'] ?? '').split(':'), '/usr/bin', '/usr/sbin'].some((folder) =>
    existsSync(`${folder}/${program}`),
  );
}

/** @param {string} module */
function isPythonModule(module) {
  return spawnSync('/usr/bin/python3', ['-c', `import ${module}`]).status === 0;
}

/**
 * Whether each of Debian's packages is there. Authlib and Flask are an authorization server that is not JavaScript;
 * prometheus brings promtool, which reads the alert rules.
 * @type {Record<string, () => boolean>}
 */
const packages = {
  'redis-server': () => isInstalled('redis-server'),
  ...(!isCore && {
    openssl: () => isInstalled('openssl'),
    nginx: () => isInstalled('nginx'),
    caddy: () => isInstalled('caddy'),
    glewlwyd: () => isInstalled('glewlwyd'),
    prometheus: () => isInstalled('promtool'),
    'python3-authlib': () => isPythonModule('authlib'),
    'python3-flask': () => isPythonModule('flask'),
    ...(!withoutBrowser && { chromium: () => isInstalled('chromium') }),
  }),
};
/** Those that start a server of their own. The tests start theirs, and only when they need one. */
const services = ['redis-server', 'nginx', 'caddy', 'glewlwyd', 'prometheus'];

/**
 * The words before a command that installs packages: none as root, sudo where it asks for no password, or undefined.
 * @returns {string[] | undefined}
 */
function asRoot() {
  if (!existsSync('/etc/debian_version') || !isInstalled('apt-get')) return undefined;
  if (process.getuid?.() === 0) return [];
  return isInstalled('sudo') && spawnSync('sudo', ['-n', 'true']).status === 0 ? ['sudo', '-n'] : undefined;
}

/** @param {readonly string[]} command */
function run(command) {
  const [program = '', ...rest] = command;
  const done = spawnSync(program, rest, { encoding: 'utf8' });
  if (done.status === 0) return;
  const reason = (done.stderr || done.stdout || String(done.error ?? '')).trim().split('\n').at(-1);
  process.stderr.write(`prepare: ${command.join(' ')} failed: ${reason}\n`);
  process.exit(1);
}

/**
 * @param {readonly string[]} prefix
 * @param {string} name
 */
function stopService(prefix, name) {
  const stop = existsSync('/run/systemd/system')
    ? ['systemctl', 'disable', '--now', name]
    : [`/etc/init.d/${name}`, 'stop'];
  const [program = '', ...rest] = [...prefix, ...stop];
  spawnSync(program, rest, { stdio: 'ignore' });
}

if (withoutBrowser && !isCore)
  process.stdout.write('prepare: the browser tests are left out (GATEHOUSE_TESTS_WITHOUT_BROWSER=1)\n');
const missing = Object.keys(packages).filter((name) => packages[name]?.() !== true);
if (missing.length > 0) {
  const prefix = asRoot();
  const command = ['apt-get', 'install', '--no-install-recommends', ...missing];
  if (!prefix) {
    process.stderr.write(`prepare: the tests need ${missing.join(', ')}: ${command.join(' ')}\n`);
    process.exit(1);
  }
  process.stdout.write(`prepare: installing ${missing.join(', ')} with apt-get\n`);
  const apt = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', '-o', 'DPkg::Lock::Timeout=300'];
  run([...apt, 'update']);
  run([...apt, 'install', '-y', '--no-install-recommends', ...missing]);
  for (const name of services) if (missing.includes(name)) stopService(prefix, name);
}
