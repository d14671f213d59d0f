import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ProvidersDirectory {
  /** For PROVIDERS_DIR. */
  path: string;
  remove(): Promise<void>;
}

/** A folder of its own with these provider files: text by provider id. */
export async function createProvidersDirectory(files: Record<string, string>): Promise<ProvidersDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'providers-'));
  for (const [id, text] of Object.entries(files)) await writeFile(join(path, `${id}.yaml`), text);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** The environment variables that name a client of a provider. */
export function clientEnvironment(id: string, clientId: string, clientSecret?: string): Record<string, string> {
  const prefix = id.toUpperCase().replaceAll('-', '_');
  return {
    [`${prefix}_CLIENT_ID`]: clientId,
    ...(clientSecret === undefined ? {} : { [`${prefix}_CLIENT_SECRET`]: clientSecret }),
  };
}
