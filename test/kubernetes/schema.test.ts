import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import ts from 'typescript';
import { manifests, type Manifest } from './manifests.js';
import { printedSecret } from './secret.js';

const root = new URL('../..', import.meta.url).pathname;
// Inside the project, so that the compiler finds kubernetes-types.
const folder = mkdtempSync(join(root, 'node_modules', '.manifests-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the compiler says about manifests written as values of Kubernetes' own types, which know every key and its kind. */
function complaints(all: readonly Manifest[]): string[] {
  const files = all.map(({ file, apiVersion, kind, content }) => {
    const group = apiVersion.includes('/') ? apiVersion.replace('.k8s.io', '') : `core/${apiVersion}`;
    const name = join(folder, `${file}.ts`);
    writeFileSync(
      name,
      `import type { ${kind} } from 'kubernetes-types/${group}.js';\nexport const manifest: ${kind} = ${JSON.stringify(content)};\n`,
    );
    return name;
  });
  const program = ts.createProgram(files, {
    strict: true,
    noEmit: true,
    types: [],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    skipLibCheck: true,
  });
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

test('every manifest is what Kubernetes says it is, and has no key that it does not know', () => {
  expect(manifests.length).toBeGreaterThan(6);
  const { apiVersion, kind, ...rest } = printedSecret({ REDIS_URL: 'redis://x', INVOICED_CLIENT_SECRET: 'x' });
  const secret = { file: 'secret.yaml', apiVersion, kind, content: { apiVersion, kind, ...rest } };
  expect(complaints([...manifests, secret])).toEqual([]);
});

test('the check notices a key that is misspelt and a value of the wrong kind', () => {
  const broken = (change: object): Manifest => ({
    file: `broken-${Object.keys(change)[0]}.yaml`,
    apiVersion: 'v1',
    kind: 'Service',
    content: { apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' }, spec: { ports: [{ port: 80 }], ...change } },
  });
  expect(complaints([broken({ selektor: {} })])).toEqual([expect.stringContaining('selektor')]);
  expect(complaints([broken({ publishNotReadyAddresses: 'no' })])).toHaveLength(1);
});
