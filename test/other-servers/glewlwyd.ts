import { spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, listen, readBody } from '../world/listen.js';
import { htmlReply, redirectReply, sendReply, type Reply } from '../world/reply.js';
import type { OtherServer, OtherServerOptions } from './other-server.js';

const schema = '/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3';
const library = '/usr/lib/glewlwyd';

/**
 * Glewlwyd, an OpenID provider in C, as Debian packages it. Its issuer has a path. Its sign-in page is a script; a plain form
 * stands in for it here and says the same to the same interface.
 */
export async function startGlewlwyd({ redirectUri, clientId, clientSecret }: OtherServerOptions): Promise<OtherServer> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const folder = await mkdtemp(join(tmpdir(), 'glewlwyd-'));
  const database = join(folder, 'glewlwyd.db');
  const load = 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(open(sys.argv[2]).read())';
  spawnSync('/usr/bin/python3', ['-c', load, database, schema]);
  await writeFile(join(folder, 'glewlwyd.conf'), configuration(port, database));
  const child = spawn('/usr/bin/glewlwyd', ['-c', join(folder, 'glewlwyd.conf')], { stdio: 'ignore' });

  const call = apiOf(`${origin}/api`);
  const administrator = await signIn(call, 'admin', 'password');
  await call('POST', '/mod/plugin/', plugin(`${origin}/api/oidc`), administrator);
  await call('POST', '/user/', person, administrator);
  await call('POST', '/client/', client(clientId, clientSecret, redirectUri), administrator);
  const page = await signInPage(call, `${origin}/api/oidc/auth`, clientId);
  return {
    file: {
      extends: 'generic-oidc',
      issuer: `${origin}/api/oidc`,
      endpoints: { authorization: `${page.origin}/sign-in` },
      client_authentication: 'client_secret_post',
      scopes: ['openid'],
      api: { base_url: `${origin}/api` },
    },
    label: 'jo@glewlwyd.test',
    me: { path: '/oidc/userinfo', answer: { email: 'jo@glewlwyd.test' } },
    close: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await Promise.all([ended, page.close()]);
      await rm(folder, { recursive: true });
    },
  };
}

type Call = (method: string, path: string, body: unknown, cookie?: string) => Promise<Response>;

function apiOf(base: string): Call {
  return async (method, path, body, cookie = '') => {
    const headers = { 'content-type': 'application/json', cookie };
    const answer = await fetch(`${base}${path}`, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`Glewlwyd answered ${answer.status} to ${method} ${path}`);
    return answer;
  };
}

/** The session cookie. At the start the server may take a moment. */
async function signIn(call: Call, username: string, password: string): Promise<string> {
  for (let tries = 0; ; tries += 1) {
    const answer = await call('POST', '/auth/', { username, password }).catch((error: unknown) => {
      if (tries > 100) throw error;
    });
    if (answer) return answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    await pause(100);
  }
}

/** Signs in whoever fills the form, lets them agree to the scope, and hands on where the server sends the browser. */
function signInPage(call: Call, authorize: string, clientId: string) {
  const form =
    '<form method="post"><input type="text" name="username" value=""><button>Sign in and allow</button></form>';
  const answer = async (req: IncomingMessage): Promise<Reply> => {
    if (req.method === 'GET') return htmlReply(form);
    const username = new URLSearchParams((await readBody(req)).toString()).get('username') ?? '';
    const cookie = await signIn(call, username, person.password);
    const query = new URL(req.url ?? '', authorize).searchParams;
    await call('PUT', `/auth/grant/${clientId}`, { scope: query.get('scope') ?? '' }, cookie);
    const url = `${authorize}?${query.toString()}&g_continue`;
    const { headers } = await fetch(url, { headers: { cookie }, redirect: 'manual' });
    return redirectReply(headers.get('location') ?? '/');
  };
  return listen((req, res) => {
    answer(req)
      .then((reply) => sendReply(res, reply))
      .catch(() => res.destroy());
  });
}

const person = {
  username: 'jo',
  password: 'secret-of-jo',
  name: 'Jo',
  email: 'jo@glewlwyd.test',
  scope: ['openid', 'g_profile'],
  enabled: true,
};

function client(id: string, secret: string, redirectUri: string) {
  return {
    client_id: id,
    name: 'Gatehouse',
    confidential: true,
    client_secret: secret,
    redirect_uri: [redirectUri],
    authorization_type: ['code', 'refresh_token'],
    token_endpoint_auth_method: ['client_secret_post'],
    scope: [],
    enabled: true,
  };
}

function plugin(issuer: string) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const parameters = {
    ...{ iss: issuer, 'jwt-type': 'rsa', 'jwt-key-size': '256' },
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    cert: publicKey.export({ type: 'spki', format: 'pem' }),
    ...{ 'access-token-duration': 3600, 'refresh-token-duration': 1_209_600, 'code-duration': 600 },
    ...{ 'refresh-token-rolling': true, 'refresh-token-one-use': 'always', 'allow-non-oidc': true },
    ...{ 'auth-type-code-enabled': true, 'auth-type-code-revoke-replayed': true, 'auth-type-refresh-enabled': true },
    ...{ 'auth-type-id-token-enabled': true, 'pkce-allowed': true, 'pkce-required': true },
    ...{ 'introspection-revocation-allowed': true, 'introspection-revocation-allow-target-client': true },
    ...{ 'email-claim': 'mandatory', 'subject-type': 'public', 'secret-type': 'pairwise' },
    ...{ scope: [], 'additional-parameters': [], claims: [] },
  };
  return { module: 'oidc', name: 'oidc', display_name: 'OpenID Connect', parameters };
}

function configuration(port: number, database: string): string {
  return `
port=${port}
bind_address="127.0.0.1"
external_url="http://127.0.0.1:${port}"
api_prefix="api"
static_files_path="/usr/share/glewlwyd/webapp/"
log_mode="console"
log_level="NONE"
cookie_domain="127.0.0.1"
cookie_secure=false
session_key="GLEWLWYD"
login_url="login.html"
login_api_enabled=true
admin_session_authentication="cookie"
profile_session_authentication="cookie"
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="${library}/user"
user_middleware_module_path="${library}/user_middleware"
client_module_path="${library}/client"
user_auth_scheme_module_path="${library}/scheme"
plugin_module_path="${library}/plugin"
hash_algorithm="SHA512"
database = { type = "sqlite3" path = "${database}" }
`;
}
