import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { compact } from '../compact.js';
import type { ConfigurationProblem } from '../config/configuration-error.js';
import type { Environment } from '../config/environment.js';
import { variable } from './variable.js';

/** A private key that the client proves itself with (RFC 7523). */
export interface ClientKey {
  key: KeyObject;
  /** Of JSON Web Signature. */
  algorithm: string;
  /** As the file names it, where that is a JSON Web Key. */
  keyId?: string;
}

/** A certificate that the client presents in TLS (RFC 8705), as PEM. Its connections are its own. */
export interface ClientCertificate {
  cert: string;
  key: string;
}

export interface ClientKeys {
  keys: readonly ClientKey[];
  certificate?: ClientCertificate;
}

/** What the file's way of authenticating needs. */
export interface NeededKeys {
  keys: boolean;
  certificate: boolean;
}

type Source = Pick<Environment, 'text' | 'warn'>;

/** Reads `<ID>_PRIVATE_KEY_FILE` (two while they are changed, the new one first) and `<ID>_CERTIFICATE_FILE`. */
export function readClientKeys(
  id: string,
  needed: NeededKeys,
  { text, warn }: Source,
): ClientKeys & { problems: ConfigurationProblem[] } {
  const problems: ConfigurationProblem[] = [];
  const refuse = (where: string, what: string, remedy: string): void => {
    problems.push({ where, what, remedy });
  };
  const read = (where: string, file: string): string | undefined => {
    try {
      if ((statSync(file).mode & 0o004) !== 0)
        warn(`${where}: ${file} can be read by every user of this machine; chmod 600 is enough.`);
      return readFileSync(file, 'utf8');
    } catch {
      refuse(where, `${file} cannot be read`, 'Name a file that exists and that this user may read.');
      return undefined;
    }
  };

  const [keyName, certificateName] = [variable(id, 'PRIVATE_KEY_FILE'), variable(id, 'CERTIFICATE_FILE')];
  const keyFiles = filesOf(text(keyName));
  const keyTexts = keyFiles.flatMap((file) => read(keyName, file) ?? []);
  if (needed.keys && (keyFiles.length === 0 || keyFiles.length > 2))
    refuse(
      keyName,
      'it does not name one or two files',
      'Name the private key; while you change it, the new one first.',
    );
  const keys = needed.keys ? keyTexts.flatMap((each) => readKey(each) ?? []) : [];
  if (keys.length < (needed.keys ? keyTexts.length : 0))
    refuse(
      keyName,
      'a file holds no private key that signs (RSA of 2048 bits, P-256, P-384, P-521 or Ed25519)',
      'Write it as PEM (PKCS #8) or as a JSON Web Key, without a passphrase.',
    );

  const certificateFile = text(certificateName);
  if (needed.certificate && certificateFile === undefined)
    refuse(certificateName, 'it is not set', 'Name the certificate as PEM, with those between it and its authority.');
  const cert = needed.certificate && certificateFile !== undefined ? read(certificateName, certificateFile) : undefined;
  const certificate = cert === undefined ? undefined : readCertificate(cert, keyTexts[0]);
  if (cert !== undefined && !certificate)
    refuse(
      certificateName,
      'the certificate and its private key cannot be used together',
      `Put both into this file, or let ${keyName} name the key.`,
    );
  return { ...compact({ keys, certificate }), problems };
}

function filesOf(value: string | undefined): string[] {
  return (value ?? '').split(',').flatMap((file) => file.trim() || []);
}

function readKey(text: string): ClientKey | undefined {
  try {
    const jwk = text.trimStart().startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : undefined;
    const key = jwk ? createPrivateKey({ key: jwk as never, format: 'jwk' }) : createPrivateKey(text);
    const known = algorithmsOf(key);
    const algorithm = known.find((each) => each === jwk?.['alg']) ?? known[0];
    if (algorithm === undefined) return undefined;
    return compact({ key, algorithm, keyId: typeof jwk?.['kid'] === 'string' ? jwk['kid'] : undefined });
  } catch {
    return undefined;
  }
}

/** What a key can sign with, the usual one first. */
function algorithmsOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string[] {
  const { modulusLength = 0, namedCurve = '' } = asymmetricKeyDetails ?? {};
  const pss = ['PS256', 'PS384', 'PS512'];
  const curves: Readonly<Record<string, string>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };
  if (asymmetricKeyType === 'rsa') return modulusLength < 2048 ? [] : ['RS256', 'RS384', 'RS512', ...pss];
  if (asymmetricKeyType === 'rsa-pss') return modulusLength < 2048 ? [] : pss;
  if (asymmetricKeyType === 'ed25519') return ['EdDSA'];
  return asymmetricKeyType === 'ec' ? [curves[namedCurve] ?? []].flat() : [];
}

function readCertificate(text: string, keyText: string | undefined): ClientCertificate | undefined {
  try {
    const key = /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text) ? text : (keyText ?? '');
    const pem = createPrivateKey(key).export({ format: 'pem', type: 'pkcs8' }).toString();
    const cert = text.match(/-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----/g)?.join('\n') ?? '';
    createSecureContext({ cert, key: pem });
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(pem)) ? { cert, key: pem } : undefined;
  } catch {
    return undefined;
  }
}
