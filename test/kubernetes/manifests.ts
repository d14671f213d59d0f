import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

export interface Manifest {
  file: string;
  apiVersion: string;
  kind: string;
  content: Record<string, unknown>;
}

const folder = new URL('../../deploy/kubernetes/', import.meta.url);

/** Every manifest of deploy/kubernetes, but the list that names them for kustomize. */
export const manifests: readonly Manifest[] = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml')
  .map((file) => {
    const content = parse(readFileSync(new URL(file, folder), 'utf8')) as Record<string, unknown>;
    return { file, apiVersion: String(content['apiVersion']), kind: String(content['kind']), content };
  });

export const kustomization = parse(readFileSync(new URL('kustomization.yaml', folder), 'utf8')) as {
  resources: string[];
};

/** The value at a path such as `spec.template.spec`, of the manifest of this kind. */
export function inManifest(kind: string, path: string): unknown {
  const found = manifests.find((manifest) => manifest.kind === kind);
  if (!found) throw new Error(`there is no ${kind}`);
  return path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], found.content);
}
