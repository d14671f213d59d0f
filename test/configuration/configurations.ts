import { randomBytes } from 'node:crypto';
import { testEnvironment } from '../world/app.js';
import { createProvidersDirectory } from '../world/providers-directory.js';
import { runToExit, type Exit } from '../world/process.js';
import { ConfigurationError } from '../../src/config/configuration-error.js';
import { startGatehouse } from '../../src/gatehouse.js';

/** Everything that production needs, with a provider whose file is complete. */
export async function productionEnvironment(changes: Record<string, string> = {}): Promise<Record<string, string>> {
  const { SANDBOX: _off, LOG_LEVEL: _loud, ...rest } = await testEnvironment();
  return without({
    ...rest,
    NODE_ENV: 'production',
    PUBLIC_URL: 'https://gate.example.org',
    REDIS_URL: 'redis://127.0.0.1:1/0',
    ...changes,
  });
}

/** A variable that is changed to nothing is not there. */
function without(env: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
}

/** A value that must not be seen in any message. */
export function canary(): string {
  return `canary${randomBytes(24).toString('hex')}`;
}

/** A provider file that is right, for tests to spoil. */
export const acme = [
  'id: acme',
  'name: Acme Books',
  'extends: generic-oauth2',
  'endpoints: { authorization: https://id.acme.test/authorize, token: https://id.acme.test/token }',
  'api: { base_url: https://api.acme.test/v1 }',
  '',
].join('\n');

/** Runs the server with these provider files until it gives up. */
export async function refusal(
  env: Record<string, string>,
  files: Record<string, string> = {},
): Promise<Exit & { output: string; folder: string }> {
  const directory = await createProvidersDirectory(files);
  const folder = Object.keys(files).length > 0 ? { PROVIDERS_DIR: directory.path } : {};
  try {
    return { ...(await runToExit({ ...env, ...folder })), folder: directory.path };
  } finally {
    await directory.remove();
  }
}

/** What the same server, started in this process, says instead of starting. */
export async function refusalHere(env: Record<string, string>, files: Record<string, string> = {}): Promise<string> {
  const directory = await createProvidersDirectory(files);
  const folder = Object.keys(files).length > 0 ? { PROVIDERS_DIR: directory.path } : {};
  try {
    const started = await startGatehouse({ env: { ...env, ...folder }, logDestination: { write: () => undefined } });
    await started.close();
    return 'it started';
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  } finally {
    await directory.remove();
  }
}
