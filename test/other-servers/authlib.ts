import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '../world/listen.js';
import type { OtherServer, OtherServerOptions } from './other-server.js';

const script = fileURLToPath(new URL('./authlib-server.py', import.meta.url));

/** An OpenID provider in Python: Authlib and Flask, as Debian packages them. */
export async function startAuthlib({ redirectUri, clientId, clientSecret }: OtherServerOptions): Promise<OtherServer> {
  const port = await freePort();
  const child = spawn('/usr/bin/python3', [script, String(port), clientId, clientSecret, redirectUri], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const ready = once(child.stdout, 'data');
  const ended = once(child, 'exit').then(() => {
    throw new Error(`the Authlib server ended: ${complaint.slice(-500)}`);
  });
  ended.catch(() => undefined);
  await Promise.race([ready, ended]);
  const origin = `http://127.0.0.1:${port}`;
  return {
    file: {
      extends: 'generic-oidc',
      issuer: origin,
      // It takes the secret as it is and does not form-decode it, as RFC 6749 section 2.3.1 has it.
      client_authentication: 'client_secret_basic_raw',
      api: { base_url: `${origin}/api` },
    },
    label: 'jo@authlib.test',
    me: { path: '/me', answer: { user: 'jo' } },
    close: async () => {
      child.kill();
      await once(child, 'exit').catch(() => undefined);
    },
  };
}
