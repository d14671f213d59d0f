import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const script = fileURLToPath(new URL('../../deploy/kubernetes/secret.sh', import.meta.url));

export interface Secret {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string };
  data: Record<string, string>;
}

/** What deploy/kubernetes/secret.sh prints, given these values of the operator's. */
export function printedSecret(values: Record<string, string>): Secret {
  const { PATH = '' } = process.env;
  return parse(execFileSync('sh', [script], { env: { PATH, ...values }, encoding: 'utf8', stdio: 'pipe' })) as Secret;
}

/** The files that a pod sees, by name. */
export const filesOf = ({ data }: Secret): [name: string, value: string][] =>
  Object.entries(data).map(([name, value]) => [name, Buffer.from(value, 'base64').toString()]);
