import { randomBytes } from 'node:crypto';
import type { Environment } from './environment.js';

export interface EncryptionKey {
  id: string;
  key: Buffer;
}

const generate = 'openssl rand -base64 32';

/** SESSION_SECRET: comma-separated, the first signs, all verify. */
export function sessionSecrets(environment: Environment, production: boolean): string[] {
  const value = environment.secret('SESSION_SECRET');
  if (value === undefined) return [ephemeral(environment, 'SESSION_SECRET', production).toString('base64')];
  const secrets = value.split(',').map((secret) => secret.trim());
  for (const [index, secret] of secrets.entries()) {
    const where = secrets.length > 1 ? `SESSION_SECRET (entry ${index + 1})` : 'SESSION_SECRET';
    if (Buffer.byteLength(secret) < 32)
      environment.refuse(where, 'it is shorter than 32 bytes', `Make one with: ${generate}`);
    else if (looksLikeSample(secret)) refuseSample(environment, where, production);
  }
  return secrets;
}

/** ENCRYPTION_KEYS: comma-separated `id:base64` of 32 bytes; the first encrypts, all decrypt. */
export function encryptionKeys(environment: Environment, production: boolean): EncryptionKey[] {
  const value = environment.secret('ENCRYPTION_KEYS');
  if (value === undefined) return [{ id: 'temporary', key: ephemeral(environment, 'ENCRYPTION_KEYS', production) }];
  const keys: EncryptionKey[] = [];
  for (const [index, entry] of value.split(',').entries()) {
    const where = `ENCRYPTION_KEYS (entry ${index + 1})`;
    const [, id, encoded] = /^\s*([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/_-]+={0,2})\s*$/.exec(entry) ?? [];
    const key = Buffer.from(encoded ?? '', 'base64');
    if (id === undefined || key.length !== 32)
      environment.refuse(where, 'it is not id:base64 of exactly 32 bytes', `Write k1: and the output of: ${generate}`);
    else if (keys.some((known) => known.id === id))
      environment.refuse(where, `the id ${id} is used twice`, 'Give each key an id of its own.');
    else if (new Set(key).size < 8 || looksLikeSample(key.toString('latin1')))
      refuseSample(environment, where, production);
    if (id !== undefined) keys.push({ id, key });
  }
  return keys;
}

function ephemeral(environment: Environment, name: string, production: boolean): Buffer {
  const make = name === 'ENCRYPTION_KEYS' ? `echo "k1:$(${generate})"` : generate;
  if (production) environment.refuse(name, 'it is not set', `Production needs it. Make one with: ${make}`);
  else environment.warn(`${name} is not set: a random one is used, and sessions end when this process does.`);
  return randomBytes(32);
}

/**
 * For a secret that others make: a provider, the Redis administrator. Only values that stand in our own examples, or that people
 * write until they have a real one, are known to be none.
 */
export function refuseIfSample(environment: Environment, where: string, value: string, production: boolean): void {
  if (!/change[-_ ]?me/i.test(value) && !placeholder.test(value)) return;
  if (production) environment.refuse(where, 'this is a sample value', 'Put the real one in its place.');
  else environment.warn(`${where} is a sample value; production would refuse it.`);
}

const placeholder =
  /^(?:first-run-only|(?:the|your|my)[-_ ].*|example|sample|placeholder|secret|password|redis|test|todo|x{3,}|…|\.{3}|<.*>)$/i;

/** For a secret that the operator makes. */
export function refuseMadeSample(environment: Environment, where: string, value: string, production: boolean): void {
  if (looksLikeSample(value)) refuseSample(environment, where, production);
}

function refuseSample(environment: Environment, where: string, production: boolean): void {
  if (production) environment.refuse(where, 'this is a sample value', `Make one of your own with: ${generate}`);
  else environment.warn(`${where} is a sample value; production would refuse it.`);
}

function looksLikeSample(secret: string): boolean {
  return (
    /change[-_ ]?me|example|sample|placeholder|your[-_ ]|replace|secret[-_ ]?key|0123456789|password/i.test(secret) ||
    new Set(secret).size < 8
  );
}
