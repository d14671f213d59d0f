import { randomBytes } from 'node:crypto';
import { variablePrefix } from '../../providers/variable.js';
import type { ProviderFile } from '../../providers/schema.js';
import { emulatedFile, isTree, type EmulatedFile } from './emulated-file.js';
import { readProfile, type Profile } from './profile.js';

/** One provider that the engine plays: its file, its profile, and the secrets that its file asks the operator for. */
export interface Emulator {
  readonly id: string;
  readonly name: string;
  /** The server's name among the sandbox's, and the beginning of its paths. */
  readonly realm: string;
  readonly definition: ProviderFile;
  readonly file: EmulatedFile;
  readonly profile: Profile;
  /** By the name that the file has for it. */
  readonly secrets: ReadonlyMap<string, string>;
}

export function createEmulator(definition: ProviderFile, environment: string | undefined): Emulator {
  const { id } = definition;
  const file = emulatedFile(definition, environment);
  const names = secretsWithin(file);
  return {
    id,
    name: file.name ?? id,
    realm: `pack/${id}`,
    definition,
    file,
    profile: readProfile(id),
    secrets: new Map(names.map((name) => [name, randomBytes(18).toString('base64url')])),
  };
}

/** The operator's variables for those secrets, as `<ID>_NAME`. */
export function secretVariables({ id, secrets }: Emulator): Record<string, string> {
  return Object.fromEntries([...secrets].map(([name, value]) => [`${variablePrefix(id)}_${name}`, value]));
}

/** The text that a value of the file stands for: itself, or the secret that it names. */
export function writtenValue({ secrets }: Emulator, value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return isTree(value) && typeof value['secret'] === 'string' ? secrets.get(value['secret']) : undefined;
}

function secretsWithin(tree: unknown): string[] {
  if (Array.isArray(tree)) return tree.flatMap(secretsWithin);
  if (!isTree(tree)) return [];
  const { secret, ...others } = tree;
  if (typeof secret === 'string' && Object.keys(others).length === 0) return [secret];
  return Object.values(tree).flatMap(secretsWithin);
}
