import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { reference } from '../../src/config/reference.js';
import { inManifest, manifests } from './manifests.js';
import { filesOf, printedSecret } from './secret.js';

type Values = Record<string, unknown>;

const pod = inManifest('Deployment', 'spec.template.spec') as Values & { securityContext: Values };
const containers = ['initContainers', 'containers', 'ephemeralContainers'].flatMap(
  (each) => (pod[each] ?? []) as Values[],
);

test('the pod keeps to the standard "restricted" that its namespace enforces, and writes to no root', () => {
  expect(inManifest('Namespace', 'metadata.labels')).toMatchObject({
    'pod-security.kubernetes.io/enforce': 'restricted',
  });
  for (const name of ['hostNetwork', 'hostPID', 'hostIPC']) expect(pod[name] ?? false).toBe(false);
  expect(pod.securityContext).toMatchObject({
    runAsNonRoot: true,
    runAsUser: 1000,
    seccompProfile: { type: 'RuntimeDefault' },
  });
  expect(containers).toHaveLength(1);
  for (const { securityContext } of containers)
    expect(securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  expect(pod).toMatchObject({ automountServiceAccountToken: false });
});

test('every secret is a file: none stands in the environment, in the ConfigMap or in a volume that can be written', () => {
  for (const { env, envFrom, volumeMounts } of containers) {
    expect(env).toBeUndefined();
    expect(envFrom).toEqual([{ configMapRef: { name: inManifest('ConfigMap', 'metadata.name') } }]);
    for (const mount of volumeMounts as Values[]) expect(mount).toMatchObject({ readOnly: true });
  }
  const secrets = reference.flatMap(({ variables }) =>
    variables.filter(({ secret }) => secret).map(({ name }) => name),
  );
  const ending = secrets.map((name) => name.replace(/^<ID>/, ''));
  expect(ending).toEqual(expect.arrayContaining(['REDIS_URL', 'SESSION_SECRET', 'ENCRYPTION_KEYS', '_CLIENT_SECRET']));
  const given = Object.keys(inManifest('ConfigMap', 'data') as Values);
  expect(given.filter((name) => ending.some((end) => name.endsWith(end)))).toEqual([]);
  expect(manifests.filter(({ kind }) => kind === 'Secret')).toEqual([]);
});

test('the script of the Secret keeps each value of yours byte for byte, makes keys anew, and stops without one', () => {
  const yours = { REDIS_URL: `rediss://:p'a"$s #@redis:6379/0`, INVOICED_CLIENT_SECRET: `${'long'.repeat(40)}: |\\n` };
  const [first, second] = [new Map(filesOf(printedSecret(yours))), new Map(filesOf(printedSecret(yours)))];
  for (const [name, value] of Object.entries(yours)) expect(first.get(name)).toBe(value);
  for (const name of ['SESSION_SECRET', 'ENCRYPTION_KEYS']) expect(second.get(name)).not.toBe(first.get(name));
  for (const name of Object.keys(yours)) expect(() => printedSecret({ ...yours, [name]: '' })).toThrow(name);
  const script = fileURLToPath(new URL('../../deploy/kubernetes/secret.sh', import.meta.url));
  expect(() => execFileSync('sh', ['-n', script], { stdio: 'pipe' })).not.toThrow();
});

test('the autoscaler alone says how many pods there are, more than a drained node may take, each with what it asks for', () => {
  expect(inManifest('Deployment', 'spec')).not.toHaveProperty('replicas');
  const { scaleTargetRef, minReplicas, maxReplicas } = inManifest('HorizontalPodAutoscaler', 'spec') as {
    scaleTargetRef: Values;
    minReplicas: number;
    maxReplicas: number;
  };
  expect(scaleTargetRef).toEqual({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    name: inManifest('Deployment', 'metadata.name'),
  });
  expect(minReplicas).toBeGreaterThanOrEqual(3);
  expect(maxReplicas).toBeGreaterThan(minReplicas);
  expect(inManifest('PodDisruptionBudget', 'spec.minAvailable')).toBeLessThan(minReplicas);
  expect(inManifest('Deployment', 'spec.strategy.rollingUpdate')).toEqual({ maxSurge: 1, maxUnavailable: 0 });
  // A target in percent is one of the request: without it the autoscaler knows no number.
  for (const { resources } of containers)
    expect(resources).toMatchObject({
      requests: { cpu: expect.any(String), memory: expect.any(String) },
      limits: { memory: expect.any(String) },
    });
});

test('traffic comes by the ingress to http alone, metrics by the monitoring, and the way out is to what is needed', () => {
  expect(inManifest('Service', 'spec.ports')).toEqual([{ name: 'http', port: 80, targetPort: 'http' }]);
  const [rule] = inManifest('Ingress', 'spec.rules') as { host: string; http: { paths: { backend: Values }[] } }[];
  expect(rule?.http.paths.map(({ backend }) => backend)).toEqual([
    { service: { name: inManifest('Service', 'metadata.name'), port: { name: 'http' } } },
  ]);
  expect(`https://${rule?.host}`).toBe(inManifest('ConfigMap', 'data.PUBLIC_URL'));
  expect(inManifest('Ingress', 'spec.tls')).toEqual([expect.objectContaining({ hosts: [rule?.host] })]);
  const { policyTypes, ingress, egress } = inManifest('NetworkPolicy', 'spec') as Record<string, { ports: Values[] }[]>;
  expect(policyTypes).toEqual(['Ingress', 'Egress']);
  const open = (rules: { ports: Values[] }[] = []) => rules.map(({ ports }) => ports.map(({ port }) => port).join());
  expect(open(ingress)).toEqual(['http', 'metrics']);
  expect(open(egress)).toEqual(['53,53', '6379,26379', '443']);
});
