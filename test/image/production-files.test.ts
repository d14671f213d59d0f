import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { readConfiguration } from '../../src/config/configuration.js';

interface Service {
  image: string;
  ports?: string[];
  environment?: Record<string, string>;
  secrets?: string[];
  command?: string[];
  networks: Record<string, { ipv4_address?: string }>;
  [limit: string]: unknown;
}

const compose = fileURLToPath(new URL('../../deploy/compose/', import.meta.url));
const read = (file: string) => readFileSync(join(compose, file), 'utf8');
const file = parse(read('docker-compose.production.yml'), { merge: true }) as {
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean }>;
  secrets: Record<string, { file: string }>;
};
const services = Object.entries(file.services);
const apps = services.filter(([name]) => name.startsWith('app-'));

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'secrets-'));
  execFileSync(join(compose, 'make-secrets.sh'), [folder], { stdio: 'pipe' });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const secret = (name: string) => readFileSync(join(folder, name), 'utf8').trim();
const rotate = (step: string) => execFileSync(join(compose, 'rotate-keys.sh'), [step, folder], { stdio: 'pipe' });

/** The variables of the app with the paths of the container turned into those of the folder here. */
function variables(): Record<string, string> {
  const own = apps[0]?.[1].environment ?? {};
  const here = Object.entries(own).map(([name, value]) => [name, value.replace('/run/secrets', folder)]);
  const rest = { NODE_ENV: 'production', TRUST_PROXY: '172.30.48.2' };
  return {
    ...parseEnv(read('gatehouse.env.example')),
    ...(Object.fromEntries(here) as Record<string, string>),
    ...rest,
  };
}

test('every container is without capabilities, cannot write to its root, and has limits, time to stop and a restart', () => {
  expect(services).toHaveLength(10);
  for (const [name, service] of services) {
    const bounds = ['mem_limit', 'cpus', 'pids_limit', 'stop_grace_period'].filter((each) => !(each in service));
    expect([name, bounds]).toEqual([name, []]);
    expect([name, service]).toEqual([
      name,
      expect.objectContaining({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        restart: 'unless-stopped',
      }),
    ]);
  }
});

test('an old docker-compose takes the file, nginx alone publishes ports, and the store has no way out', () => {
  expect(file).not.toHaveProperty('name');
  expect(services.filter(([, { ports }]) => ports).map(([name]) => name)).toEqual(['nginx']);
  expect(file.networks['store']?.internal).toBe(true);
  for (const [name, { networks }] of services.filter(([each]) => /redis|sentinel/.test(each)))
    expect([name, Object.keys(networks)]).toEqual([name, ['store']]);
});

test('the three apps differ by their address alone, and trust the address of nginx', () => {
  const without = apps.map(([, { networks: _networks, build: _build, ...rest }]) => rest);
  expect(without).toHaveLength(3);
  expect(new Set(without.map((each) => JSON.stringify(each))).size).toBe(1);
  expect(without[0]?.environment?.['TRUST_PROXY']).toBe(file.services['nginx']?.networks['edge']?.ipv4_address);
});

test('each secret is a file that make-secrets.sh makes, and the containers are given it by that name', () => {
  const made = readdirSync(folder);
  expect(Object.keys(file.secrets).filter((name) => !made.includes(name))).toEqual([]);
  for (const [name, { secrets = [] }] of services)
    expect([name, secrets.filter((each) => !(each in file.secrets))]).toEqual([name, []]);
  for (const [, { environment = {}, secrets = [] }] of apps)
    for (const [name, value] of Object.entries(environment).filter(([each]) => each.endsWith('_FILE')))
      expect([name, secrets]).toEqual([name, expect.arrayContaining([value.replace('/run/secrets/', '')])]);
});

test('with the secrets that make-secrets.sh makes and gatehouse.env.example, production starts without a warning', () => {
  const { configuration } = readConfiguration(variables());
  expect(configuration.production).toBe(true);
  expect(configuration.redis?.url).toBe(
    `redis+sentinel://:${secret('redis_password')}@sentinel-1:26379,sentinel-2:26379,sentinel-3:26379/main`,
  );
  expect(configuration.warnings).toEqual([]);
});

test('make-secrets.sh leaves what is there, and closes the folder', () => {
  const before = Object.keys(file.secrets).map(secret);
  execFileSync(join(compose, 'make-secrets.sh'), [folder], { stdio: 'pipe' });
  expect(Object.keys(file.secrets).map(secret)).toEqual(before);
  expect(statSync(folder).mode & 0o077).toBe(0);
});

test('rotate-keys.sh makes a value known, then uses it, then drops the old one; no step leaves a list that is refused', () => {
  const values = () => ['session_secret', 'encryption_keys'].map((name) => secret(name).split(','));
  const [[session], [key]] = values() as [string[], string[]];
  rotate('behind');
  expect(values().map((each) => [each.length, each[0]])).toEqual([
    [2, session],
    [2, key],
  ]);
  const fresh = values().map((each) => each[1]);
  expect(readConfiguration(variables()).configuration.encryptionKeys).toHaveLength(2);
  rotate('promote');
  expect(values()).toEqual([
    [fresh[0], session],
    [fresh[1], key],
  ]);
  rotate('drop');
  expect(values()).toEqual(fresh.map((each) => [each]));
  rotate('drop');
  rotate('promote');
  expect(values()).toEqual(fresh.map((each) => [each]));
  expect(readConfiguration(variables()).configuration.encryptionKeys).toHaveLength(1);
  expect(() => rotate('sideways')).toThrow();
});
