import { z } from 'zod';
import { compact } from '../../compact.js';
import type { ClientKeys, NeededKeys } from '../client-keys.js';
import { nullable } from '../field-types.js';
import { variable } from '../variable.js';
import type { SectionProblem } from './problem.js';

/** How the client proves itself at the authorization server (RFC 6749 section 2.3, RFC 7523, RFC 8705). */
export const clientAuthentication = z.enum([
  ...(['client_secret_post', 'client_secret_basic', 'client_secret_basic_raw', 'secret_as_user'] as const),
  ...(['private_key_jwt', 'tls', 'none'] as const),
]);

export type ClientAuthentication = z.infer<typeof clientAuthentication>;

/** What a client assertion says where a server wants something else than RFC 7523 section 3. */
export const clientAssertion = z.strictObject({
  /** `iss`; the client id where absent. */
  issuer: nullable(z.string().min(1)),
  /** `aud`; the issuer of the authorization server where it is known, else the token endpoint. */
  audience: nullable(z.string().min(1)),
  /** `kid`; of two keys one each, in the order of the files. */
  key_id: nullable(z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(2)])),
});

interface File {
  client_authentication?: ClientAuthentication | null | undefined;
  client_assertion?: z.infer<typeof clientAssertion> | null | undefined;
  grant?: string | null | undefined;
  authorization?: { pkce?: string | null | undefined } | null | undefined;
  api?: { certificate?: boolean | null | undefined } | null | undefined;
}

interface Registration {
  clientSecret?: string;
  clientKeys?: ClientKeys;
}

const methodOf = (file: File): ClientAuthentication => file.client_authentication ?? 'client_secret_post';

/** Whether the client has a secret by which it proves itself. */
export function needsSecret(file: File): boolean {
  return file.grant !== 'api_key' && !['none', 'private_key_jwt', 'tls'].includes(methodOf(file));
}

export function neededKeys(file: File): NeededKeys {
  const method = methodOf(file);
  return { keys: method === 'private_key_jwt', certificate: method === 'tls' || file.api?.certificate === true };
}

export function clientProblems(id: string, file: File, { clientSecret, clientKeys }: Registration): SectionProblem[] {
  const problems: SectionProblem[] = [];
  const refuse = (what: string, remedy: string, where?: string) => problems.push(compact({ what, remedy, where }));
  const isPublic = methodOf(file) === 'none';
  const needed = neededKeys(file);
  if (needsSecret(file) && !clientSecret)
    refuse(
      `${id} has a client id and no client secret`,
      'Set it, or set client_authentication: none in the file for a public client.',
      variable(id, 'CLIENT_SECRET'),
    );
  if (needed.keys && !clientKeys?.keys.length)
    refuse(`${id} proves itself with a private key, and there is none`, 'Set it.', variable(id, 'PRIVATE_KEY_FILE'));
  if (needed.certificate && !clientKeys?.certificate)
    refuse(`${id} presents a certificate, and there is none`, 'Set it.', variable(id, 'CERTIFICATE_FILE'));
  if (file.client_assertion && !needed.keys)
    refuse('client_assertion is of no use here', 'Set client_authentication: private_key_jwt, or remove it.');
  if (isPublic && file.authorization?.pkce === 'off')
    refuse('a public client without PKCE', 'Set authorization.pkce: S256 (RFC 9700 section 2.1.1).');
  if (isPublic && file.grant === 'client_credentials')
    refuse('client credentials without a secret', 'Set another client_authentication.');
  return problems;
}

export function resolveClient(file: File, { clientKeys }: Registration) {
  const { issuer, audience, key_id: keyIds } = file.client_assertion ?? {};
  const names = [keyIds ?? []].flat();
  const keys = clientKeys?.keys.map((key, at) => compact({ ...key, keyId: names[at] ?? key.keyId })) ?? [];
  return compact({
    clientAuthentication: methodOf(file),
    /** Those that sign assertions; a server that refuses the first one may know the second. */
    clientKeys: keys,
    clientAssertion: compact({ issuer: issuer ?? undefined, audience: audience ?? undefined }),
    clientCertificate: clientKeys?.certificate,
  });
}
