import { stringify } from 'yaml';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';

export interface Question {
  provider: string;
  method: 'get' | 'post';
  path: string;
  json?: unknown;
  /** What of the answer is the person's and stays the same; all of it where this is not given. */
  own?: (body: unknown) => unknown;
}

/** What tells two people apart at each of the sandbox's providers. */
export const questions: readonly Question[] = [
  { provider: 'request-finance', method: 'get', path: '/invoices' },
  { provider: 'invoiced', method: 'get', path: '/invoices' },
  {
    provider: 'luca',
    method: 'post',
    path: '/api/v1/graphql',
    json: { query: '{ companies { nodes { id name } } saleInvoices { nodes { id } } }' },
  },
  {
    provider: 'financefeast',
    method: 'get',
    path: '/oauth/validate',
    own: (body) => (body as { email: string }).email,
  },
];

/** Those of them that renew tokens; Financefeast does not. */
export const renewable = ['request-finance', 'invoiced', 'luca'] as const;

export interface SandboxWorld {
  sandbox: Sandbox;
  /** Text for PROVIDERS_DIR, by provider id. */
  files: Record<string, string>;
  env: Record<string, string>;
}

/** The emulators of the four providers, for processes that do not start them themselves. */
export async function openSandbox(publicUrl: string, tokenLifetime: number): Promise<SandboxWorld> {
  const redirectUri = (id: string): string => `${publicUrl}/connect/${id}/callback`;
  const sandbox = await startSandbox({ port: 0, redirectUri });
  for (const provider of renewable) sandbox.control.set(provider, { lifetime: tokenLifetime });
  const ids = new Set<string>(questions.map(({ provider }) => provider));
  const wanted = sandbox.providers.filter(({ id }) => ids.has(id));
  const prefixes = [...ids].map((id) => `${id.toUpperCase().replaceAll('-', '_')}_CLIENT_`);
  const env = Object.entries(sandbox.environment).filter(([name]) => prefixes.some((each) => name.startsWith(each)));
  return {
    sandbox,
    files: Object.fromEntries(wanted.map((file) => [file.id, stringify(file)])),
    env: Object.fromEntries(env),
  };
}
