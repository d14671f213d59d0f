import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBrowser } from '../test/world/browser.js';
import { startMisbehaving } from '../test/world/misbehaving.js';
import type { Contestant, Surroundings } from './contestant.js';
import { launch } from './process.js';

export const apacheName = 'Apache mod_auth_openidc, Redis cache';
const modules = '/usr/lib/apache2/modules';

/** Apache with mod_auth_openidc, after one login at an OpenID provider of ours. Undefined where it is not installed. */
export async function startApache(surroundings: Surroundings): Promise<Contestant | undefined> {
  if (!existsSync(`${modules}/mod_auth_openidc.so`)) return undefined;
  const { directory, freePort } = surroundings;
  const provider = await startMisbehaving();
  try {
    const port = await freePort();
    const configuration = join(directory, 'apache.conf');
    writeFileSync(configuration, apacheConfiguration(surroundings, port, provider));
    const args = ['-f', configuration, '-DFOREGROUND'];
    const logFile = join(directory, 'apache.log');
    const { child, stop } = await launch({ command: 'apache2', args, env: {}, port, logFile });
    const url = `http://127.0.0.1:${port}`;
    const browser = createBrowser(url);
    await browser.navigate('/1k');
    const cookie = browser.cookieHeader();
    if (cookie === undefined) throw new Error('Apache gave no session cookie');
    return { name: apacheName, url, headers: { Cookie: cookie }, pid: child.pid ?? 0, stop };
  } finally {
    await provider.close();
  }
}

function apacheConfiguration(
  { directory, redisUrl, upstreamUrl }: Surroundings,
  port: number,
  { issuer, options }: Awaited<ReturnType<typeof startMisbehaving>>,
): string {
  const loaded = [
    'mpm_event',
    'authn_core',
    'authz_core',
    'authz_user',
    'headers',
    'proxy',
    'proxy_http',
    'auth_openidc',
  ];
  return `
ServerRoot ${directory}
ServerName 127.0.0.1
Listen 127.0.0.1:${port}
PidFile ${directory}/apache.pid
ErrorLog ${directory}/apache-error.log
DefaultRuntimeDir ${directory}
LogLevel warn
${loaded.map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`).join('\n')}
User www-data
Group www-data
StartServers 2
ThreadsPerChild 64
MaxRequestWorkers 256
ServerLimit 4
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 300
OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration
OIDCClientID ${options.clientId}
OIDCClientSecret ${options.clientSecret}
OIDCProviderTokenEndpointAuth client_secret_post
OIDCRedirectURI http://127.0.0.1:${port}/callback
OIDCCryptoPassphrase ${randomBytes(32).toString('hex')}
OIDCCacheType redis
OIDCRedisCacheServer ${new URL(redisUrl).host}
OIDCScope "openid profile email"
<Location />
  AuthType openid-connect
  Require valid-user
  ProxyPass ${upstreamUrl}/
  RequestHeader set Authorization "Bearer %{OIDC_access_token}e"
</Location>
`;
}
