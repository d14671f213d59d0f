import { readdirSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { ConfigurationError } from '../../src/config/configuration-error.js';
import { readConfiguration } from '../../src/config/configuration.js';
import { readEnvironment } from '../../src/config/environment.js';
import { createRegistry, isAnyConfigured, loadDefinitions } from '../../src/providers/registry.js';

interface Service {
  build?: { target: string };
  image?: string;
  ports?: string[];
  environment: Record<string, string | null>;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
  command?: string[];
  volumes?: string[];
  read_only?: boolean;
}

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const example = read('.env.example');
const uncommented = example.replace(/^# ?(?=[A-Z][A-Z0-9_]*=)/gm, '');
const offered = parseEnv(uncommented);
const compose = parse(read('docker-compose.yml')) as { name?: string; services: Record<'app' | 'redis', Service> };
const dockerfile = read('Dockerfile');
/** The rest of the catalogue: each entry's set-up page names its variables, and docs/providers/catalogue.md the rule. */
const rest = new Set(
  readdirSync(new URL('../../src/sandbox/pack/profiles', import.meta.url)).map((name) => name.replace(/\.yaml$/, '')),
);
const restPrefixes = [...rest].map((id) => `${id.toUpperCase().replaceAll('-', '_')}_`);

/** Names that the source asks for by a literal: text('NAME'), integer('NAME', …), env['NAME'], … */
function namesInSource(): string[] {
  const asked =
    /\b(?:text|secret|integer|list|choice)\(\s*(?:environment, )?'([A-Z][A-Z0-9_]+)'|\benv\['([A-Z][A-Z0-9_]+)'\]/g;
  const names = readdirSync(new URL('../../src', import.meta.url), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.startsWith('sandbox'))
    .flatMap((path) => [...read(`src/${path}`).matchAll(asked)])
    .map((match) => match[1] ?? match[2] ?? '');
  // The twins of secrets name a file; a file alone has no twin.
  return names.filter((name) => !name.endsWith('_FILE') || !names.includes(name.slice(0, -'_FILE'.length)));
}

/** Every name that is asked for while all of the example's values are in force, without the _FILE twins of secrets. */
/** Other programs read the names of proxies in small letters, too; the file has them once. */
function spelled(name: string): string {
  return /^(?:https?|no)_proxy$/.test(name) ? name.toUpperCase() : name;
}

function namesAsked(): string[] {
  const asked = new Set<string>();
  const values = { ...offered, NODE_ENV: 'development', REDIS_CA_FILE: undefined };
  const recording = new Proxy<Record<string, string | undefined>>(values, {
    get: (target, name) => {
      asked.add(spelled(String(name)));
      return target[String(name)] || (String(name).endsWith('_CLIENT_ID') ? 'x' : undefined);
    },
  });
  const ignoringRefusals = (act: () => unknown) => {
    try {
      act();
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
    }
  };
  ignoringRefusals(() => readConfiguration(recording));
  ignoringRefusals(() => createRegistry(loadDefinitions(), readEnvironment(recording), { production: false }));
  return [...asked].filter((name) => !name.endsWith('_FILE'));
}

test('.env.example names every variable that the source asks for', () => {
  expect(namesInSource().length).toBeGreaterThan(20);
  expect(Object.keys(offered)).toEqual(expect.arrayContaining([...new Set(namesInSource())]));
});

test('.env.example names every variable that is asked for at the start, but those of the generic entries', () => {
  const isOfRest = (name: string) => restPrefixes.some((prefix) => name.startsWith(prefix));
  const missing = namesAsked().filter((name) => !(name in offered) && !isOfRest(name));
  const byTheRule = /^GENERIC_|_ENVIRONMENT$|_SHARED_CLIENT$|^(?!REQUEST_FINANCE_WEBHOOK)\w+_WEBHOOK_/; // environments have a test of their own
  expect(missing.filter((name) => !byTheRule.test(name))).toEqual([]);
});

test('.env.example names no variable that nothing asks for', () => {
  const known = new Set([...namesInSource(), ...namesAsked()]);
  // _SHARED_CLIENT is asked for only when one client id is used in two environments.
  expect(Object.keys(offered).filter((name) => !known.has(name) && !name.endsWith('_SHARED_CLIENT'))).toEqual([]);
});

test('.env.example offers a choice of environment exactly where a provider has several', () => {
  const several = [...loadDefinitions().values()]
    .map(({ definition }) => definition)
    .filter(({ id, environments }) => !rest.has(id) && Object.keys(environments ?? {}).length > 1);
  const names = several.map(({ id }) => `${id.toUpperCase().replaceAll('-', '_')}_ENVIRONMENT`);
  expect(
    Object.keys(offered)
      .filter((name) => name.endsWith('_ENVIRONMENT'))
      .sort(),
  ).toEqual(names.sort());
  for (const { id, default_environment } of several)
    expect(offered[`${id.toUpperCase().replaceAll('-', '_')}_ENVIRONMENT`]).toBe(default_environment);
});

test('.env.example, copied unchanged, configures nothing, so that the sandbox starts', () => {
  const values = parseEnv(example);
  expect(values).toEqual({});
  expect(isAnyConfigured(loadDefinitions(), readEnvironment(values))).toBe(false);
});

test.each(['SESSION_SECRET', 'ENCRYPTION_KEYS', 'OWNER_SECRET'])(
  'production refuses the value of %s in .env.example',
  (name) => {
    const refused = () =>
      readConfiguration({ ...offered, NODE_ENV: 'production', SANDBOX: 'off', OWNER_JWKS_URL: undefined });
    expect(refused).toThrow(ConfigurationError);
    expect(refused).toThrow(new RegExp(`^  ${name}\\b`, 'm'));
  },
);

test('docker-compose.yml starts the app from the sandbox target, on loopback ports, once Redis is healthy', () => {
  const { app } = compose.services;
  expect(compose).not.toHaveProperty('name');
  expect(app.build?.target).toBe('sandbox');
  expect(app.ports).toEqual(['127.0.0.1:3000:3000', '127.0.0.1:3100:3100']);
  expect(app.depends_on).toEqual({ redis: { condition: 'service_healthy' } });
  expect(app.read_only).toBe(true);
});

test('docker-compose.yml keeps Redis off the host, with a password, an append-only file, a volume and a health check', () => {
  const { redis, app } = compose.services;
  expect(redis).toMatchObject({ image: '${REDIS_IMAGE:-redis:7}', volumes: ['redis:/data'] });
  expect(redis).not.toHaveProperty('ports');
  expect(redis.healthcheck?.test).toContain('redis-cli');
  const [password] = /\$\{REDIS_PASSWORD[^}]*\}/.exec(app.environment['REDIS_URL'] ?? '') ?? [];
  expect(redis.command).toEqual(['redis-server', '--appendonly', 'yes', '--requirepass', password]);
});

test('docker-compose.yml passes on the secrets and every provider variable, and nothing that is not a variable', () => {
  const passed = Object.keys(compose.services.app.environment);
  const providerVariables = Object.keys(offered).filter((name) =>
    /_(CLIENT_ID|CLIENT_SECRET|ENVIRONMENT|SHARED_CLIENT)$/.test(name),
  );
  expect(passed).toEqual(expect.arrayContaining(['SESSION_SECRET', 'ENCRYPTION_KEYS', ...providerVariables]));
  expect(passed.filter((name) => !(name in offered))).toEqual([]);
});

test('the Dockerfile ends in the production target, as another user than root, with node as process 1', () => {
  const stages = [...dockerfile.matchAll(/^FROM \S+ AS (\S+)$/gm)].map((match) => match[1]);
  expect(stages).toContain('sandbox');
  expect(stages.at(-1)).toBe('production');
  expect(dockerfile).toMatch(/^USER node$/m);
  expect(dockerfile).toMatch(/^STOPSIGNAL SIGTERM$/m);
  expect(dockerfile).toMatch(/^ENV RES_OPTIONS="timeout:1 attempts:2"$/m);
  expect(dockerfile).toMatch(/^CMD \["node", "dist\/main\.js"\]$/m);
  expect(dockerfile).toMatch(/^HEALTHCHECK /m);
});
