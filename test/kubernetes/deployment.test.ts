import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { reference } from '../../src/config/reference.js';
import { freePort } from '../world/listen.js';
import { startProcess, type ServerProcess } from '../world/process.js';
import { startRedis, type RedisServer } from '../world/redis.js';
import { inManifest, kustomization, manifests } from './manifests.js';
import { filesOf, printedSecret } from './secret.js';

interface Probe {
  httpGet: { path: string; port: string };
}

interface Container {
  image: string;
  ports: { name: string; containerPort: number }[];
  envFrom: { configMapRef: { name: string } }[];
  volumeMounts: { name: string; mountPath: string }[];
  startupProbe: Probe;
  livenessProbe: Probe;
  readinessProbe: Probe;
  lifecycle: { preStop: { exec: { command: string[] } } };
}

const pod = inManifest('Deployment', 'spec.template.spec') as {
  containers: [Container];
  terminationGracePeriodSeconds: number;
  volumes: { name: string; secret: { secretName: string } }[];
};
const [container] = pod.containers;
const given = inManifest('ConfigMap', 'data') as Record<string, string>;

let redis: RedisServer;
let secrets: string;
let server: ServerProcess;
let metricsPort: number;
/** The process as the pod would start it: the configuration of the ConfigMap, the Secret that the script prints as files. */
beforeAll(async () => {
  redis = await startRedis();
  secrets = await mkdtemp(join(tmpdir(), 'gatehouse-secrets-'));
  const secret = printedSecret({ REDIS_URL: redis.url, INVOICED_CLIENT_SECRET: randomBytes(24).toString('hex') });
  for (const [name, value] of filesOf(secret)) await writeFile(join(secrets, name), value, { mode: 0o440 });
  const mount = container.volumeMounts[0]?.mountPath ?? '';
  const env = Object.entries(given).map(([name, value]) => [name, value.replace(mount, secrets)]);
  metricsPort = await freePort();
  server = await startProcess({
    ...(Object.fromEntries(env) as Record<string, string>),
    NODE_ENV: 'production',
    SESSION_SECRET: '',
    ENCRYPTION_KEYS: '',
    METRICS_PORT: String(metricsPort),
    LOG_LEVEL: 'info',
  });
});
afterAll(async () => {
  await server.stop();
  await Promise.all([redis.stop(), rm(secrets, { recursive: true, force: true })]);
});

test('the configuration and the files of the Secret start the server in production, without a warning', () => {
  expect(server.lines.filter((line) => line.includes('"warn"'))).toEqual([]);
});

test('every probe is answered with 200', async () => {
  for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe]) {
    expect(probe.httpGet.port).toBe('http');
    expect((await fetch(`http://127.0.0.1:${server.port}${probe.httpGet.path}`)).status).toBe(200);
  }
});

test('the autoscaler looks at a metric that the server exports', async () => {
  const metrics = inManifest('HorizontalPodAutoscaler', 'spec.metrics') as { pods?: { metric: { name: string } } }[];
  const [name = ''] = metrics.flatMap(({ pods }) => pods?.metric.name ?? []);
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const exported = [...text.matchAll(/^# TYPE (\S+) gauge$/gm)].map((found) => found[1]);
  expect(exported).toContain(name);
});

test('the files belong together: names, labels, ports, versions', () => {
  expect([...kustomization.resources].sort()).toEqual(manifests.map(({ file }) => file).sort());
  expect(container.envFrom.map(({ configMapRef }) => configMapRef.name)).toEqual([
    inManifest('ConfigMap', 'metadata.name'),
  ]);
  expect(pod.volumes.map(({ name }) => name)).toEqual(container.volumeMounts.map(({ name }) => name));
  const secret = printedSecret({ REDIS_URL: 'redis://x', INVOICED_CLIENT_SECRET: 'x' });
  expect(secret.metadata).toMatchObject({
    name: pod.volumes[0]?.secret.secretName,
    namespace: inManifest('Namespace', 'metadata.name'),
  });
  const named = Object.entries(given).filter(([name]) => name.endsWith('_FILE'));
  expect(named.map(([, value]) => value)).toEqual(
    Object.keys(secret.data).map((name) => `${container.volumeMounts[0]?.mountPath}/${name}`),
  );
  const labels = inManifest('Deployment', 'spec.template.metadata.labels');
  for (const [kind, path] of [
    ['Deployment', 'spec.selector.matchLabels'],
    ['Service', 'spec.selector'],
    ['PodDisruptionBudget', 'spec.selector.matchLabels'],
    ['NetworkPolicy', 'spec.podSelector.matchLabels'],
  ] as const)
    expect(inManifest(kind, path)).toEqual(labels);
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  expect(container.image).toBe(`gatehouse:${version}`);
});

test('a pod that has to go is told 5 s later, and killed when its calls have had their 20 s and the process its 29', () => {
  const [program, seconds] = container.lifecycle.preStop.exec.command;
  expect([program, Number(seconds)]).toEqual(['sleep', 5]);
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(Number(seconds) + 29);
});

test('the ports that the manifests name are those that the server listens on by itself', () => {
  const defaults = new Map(
    reference.flatMap(({ variables }) =>
      variables.map(({ name, fallback }) => [name, Number(fallback.replaceAll('`', ''))]),
    ),
  );
  expect(container.ports).toEqual([
    { name: 'http', containerPort: defaults.get('PORT') },
    { name: 'metrics', containerPort: defaults.get('METRICS_PORT') },
  ]);
  const annotations = inManifest('Deployment', 'spec.template.metadata.annotations') as Record<string, string>;
  expect(annotations['prometheus.io/port']).toBe(String(defaults.get('METRICS_PORT')));
});

test('a store that is gone takes the pod out of the traffic and does not restart it', async () => {
  const ask = async ({ httpGet }: Probe) =>
    (await fetch(`http://127.0.0.1:${server.port}${httpGet.path}`, { signal: AbortSignal.timeout(5_000) })).status;
  const lost = server.line(/"event":"store\.lost"/);
  await redis.stop();
  await lost;
  expect(await ask(container.readinessProbe)).toBe(503);
  expect([await ask(container.startupProbe), await ask(container.livenessProbe)]).toEqual([200, 200]);
});
