/*
 * Sees to what the tests need besides the packages: redis-server, openssl, Chromium, Authlib and Flask, Glewlwyd, promtool. On Debian, as root, it
 * installs what is missing; elsewhere it says in one line what is to be installed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';

const withoutBrowser = process.env.GATEHOUSE_TESTS_WITHOUT_BROWSER === '1';

function isInstalled(program) {
  return [...(process.env.PATH ?? '').split(':'), '/usr/bin', '/usr/sbin'].some((folder) =>
    existsSync(`${folder}/${program}`),
  );
}

function say(line) {
  process.stdout.write(`prepare: ${line}\n`);
}

/** The command with which packages can be installed: as root, by sudo without a password, or not at all. */
function asRoot() {
  if (!existsSync('/etc/debian_version') || !isInstalled('apt-get')) return undefined;
  if (process.getuid?.() === 0) return [];
  const sudo = ['sudo', '-n'];
  return isInstalled('sudo') && spawnSync(sudo[0], [...sudo.slice(1), 'true']).status === 0 ? sudo : undefined;
}

function run(prefix, command) {
  const [program, ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', ...command];
  const done = spawnSync(program, rest, { encoding: 'utf8' });
  if (done.status === 0) return;
  const reason = (done.stderr || done.stdout || String(done.error ?? '')).trim().split('\n').at(-1);
  process.stderr.write(`prepare: ${command.join(' ')} failed: ${reason}\n`);
  process.exit(1);
}

/** A package may start a server of its own; the tests start theirs, and only when they need one. */
function stopService(prefix, name) {
  const [program, ...rest] = existsSync('/run/systemd/system')
    ? [...prefix, 'systemctl', 'disable', '--now', name]
    : [...prefix, `/etc/init.d/${name}`, 'stop'];
  spawnSync(program, rest, { stdio: 'ignore' });
}

const wanted = ['redis-server', 'openssl', 'glewlwyd', ...(withoutBrowser ? [] : ['chromium'])];
if (withoutBrowser) say('the browser tests are left out (GATEHOUSE_TESTS_WITHOUT_BROWSER=1)');

/** Debian's Python packages, by the module that each brings: the authorization server that is not JavaScript. */
const modules = { 'python3-authlib': 'authlib', 'python3-flask': 'flask' };
const missingModules = Object.entries(modules)
  .filter(([, module]) => spawnSync('/usr/bin/python3', ['-c', `import ${module}`]).status !== 0)
  .map(([name]) => name);

// promtool, which reads the alert rules, comes with prometheus.
const missing = [
  ...wanted.filter((program) => !isInstalled(program)),
  ...(isInstalled('promtool') ? [] : ['prometheus']),
  ...missingModules,
];
if (missing.length > 0) {
  const prefix = asRoot();
  if (!prefix) {
    process.stderr.write(
      `prepare: the tests need ${missing.join(', ')}: apt-get install --no-install-recommends ${missing.join(' ')}\n`,
    );
    process.exit(1);
  }
  say(`installing ${missing.join(', ')} with apt-get`);
  const apt = ['apt-get', '-qq', '-o', 'DPkg::Lock::Timeout=300'];
  run(prefix, [...apt, 'update']);
  run(prefix, [...apt, 'install', '-y', '--no-install-recommends', ...missing]);
  for (const name of ['redis-server', 'glewlwyd', 'prometheus']) if (missing.includes(name)) stopService(prefix, name);
}
