import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gatherDefinitions } from '../providers/registry.js';
import { providerId } from '../providers/schema.js';
import { CommandError, UsageError } from './command.js';

/** Writes a provider file to be filled in, and gives its path. Nothing that is there is overwritten. */
export function writeNewProvider(id: string | undefined, base: string, folder: string): string {
  if (id === undefined) throw new UsageError('Name the provider: providers new ID.');
  if (!providerId.safeParse(id).success)
    throw new UsageError(`${id} cannot be an id: small letters, digits and hyphens, a letter first.`);
  const { definitions: catalogue } = gatherDefinitions();
  if (catalogue.has(id) && id !== base)
    throw new CommandError(`${id} is in the catalogue. To change that entry: providers new ${id} --extends ${id}.`);
  if (!catalogue.has(base))
    throw new CommandError(`${base} is not in the catalogue: ${[...catalogue.keys()].join(', ')}.`);
  const path = join(folder, `${id}.yaml`);
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(path, base.startsWith('generic-') ? wholeFile(id, base) : extension(id, base), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new CommandError(`${path} is there already.`);
    throw error;
  }
  return path;
}

function wholeFile(id: string, base: string): string {
  const server =
    base === 'generic-oidc'
      ? `issuer: https://id.${id}.example\n`
      : `endpoints:\n  authorization: https://id.${id}.example/oauth/authorize\n  token: https://id.${id}.example/oauth/token\n`;
  return `# ${id}. Every key: docs/provider-file.md. Source: (the address of the provider's documentation, and the date)
id: ${id}
name: ${id}
extends: ${base}
${server}# How the client proves itself at the token endpoint: client_secret_post or client_secret_basic, mostly.
client_authentication: client_secret_post
scopes: [${base === 'generic-oidc' ? 'openid, profile, email' : 'read'}]
token:
  # Seconds, if the token response says nothing.
  default_lifetime: 3600
# Without a revocation endpoint. With one: endpoints.revocation, and here token: refresh_token.
revocation: { token: 'off' }
api:
  base_url: https://api.${id}.example/v1
  examples:
    - name: Invoices
      path: /invoices
      rows: ''
documentation:
  checklist:
    - Register an application at the provider, with the redirect URI of this page.
`;
}

function extension(id: string, base: string): string {
  return `# ${id}: the entry ${base} of the catalogue, with changes. Maps merge, lists replace, null removes.
id: ${id}
extends: ${base}
# scopes: [read]
`;
}
