import type { IncomingMessage, ServerResponse } from 'node:http';
import { stringify } from 'yaml';
import { createGrants } from './misbehaving/grants.js';
import { createSigningKeys } from './misbehaving/keys.js';
import { bentDocument, metadata } from './misbehaving/discovery.js';
import type { MisbehavingOptions, ServerState } from './misbehaving/state.js';
import { answerAuthorization } from './misbehaving/authorization-endpoint.js';
import { answerRevocation, answerToken } from './misbehaving/token-endpoint.js';
import { listen, readBody } from './listen.js';
import { clientEnvironment } from './providers-directory.js';
import { jsonReply, sendReply } from './reply.js';
import type { Reply } from './reply.js';

export type { Bends, MisbehavingOptions } from './misbehaving/state.js';

export interface ProviderFileOptions {
  id?: string;
  /** `oidc` when absent. */
  protocol?: 'oidc' | 'oauth2';
  /** Base of the API; the server's own origin when absent. */
  apiBase?: string;
  /** Further keys of the file, laid over the right ones at the top level. */
  more?: Record<string, unknown>;
}

export interface MisbehavingServer extends ServerState {
  origin: string;
  /** Text for PROVIDERS_DIR. */
  providerFile(options?: ProviderFileOptions): string;
  /** <ID>_CLIENT_ID and <ID>_CLIENT_SECRET. */
  environment(id?: string): Record<string, string>;
  /** How often this grant_type was asked for. */
  tokenCallsOf(grantType: string): number;
  /** Right again in every part, and every count at zero. Grants stay. */
  reset(): void;
  close(): Promise<void>;
}

const noCalls = () => ({ authorization: 0, token: 0, jwks: 0, userinfo: 0, revocation: 0, discovery: 0 });

function userinfo(state: ServerState, req: IncomingMessage): Reply {
  const bearer = /^Bearer +(\S+)$/i.exec(req.headers.authorization ?? '')?.[1] ?? '';
  if (!state.grants.accepts(bearer)) return jsonReply({ error: 'invalid_token' }, 401);
  const { sub } = state.grants.familyOf(bearer) ?? state.person;
  return bentDocument({ ...state.person, sub }, state.bend.userinfo);
}

async function answer(state: ServerState, req: IncomingMessage): Promise<Reply> {
  const url = new URL(req.url ?? '', state.base);
  const folder = new URL(state.issuer).pathname.replace(/\/$/, '');
  const discovery = [`${folder}/.well-known/openid-configuration`, `/.well-known/oauth-authorization-server${folder}`];
  if (discovery.includes(url.pathname)) {
    state.calls.discovery++;
    const { issuer, base, options } = state;
    return bentDocument(metadata({ issuer, base, issParameter: options.issParameter }), state.bend.discovery);
  }
  switch (`${req.method ?? ''} ${url.pathname.slice(folder.length)}`) {
    case 'GET /authorize':
      state.calls.authorization++;
      return answerAuthorization(state, url.searchParams);
    case 'POST /token':
      state.calls.token++;
      return answerToken(state, req, new URLSearchParams((await readBody(req)).toString()));
    case 'POST /revoke':
      state.calls.revocation++;
      return answerRevocation(state, req, new URLSearchParams((await readBody(req)).toString()));
    case 'GET /jwks':
      state.calls.jwks++;
      return bentDocument({ keys: state.keys.published.map(({ jwk }) => jwk) }, state.bend.jwks);
    case 'GET /userinfo':
      state.calls.userinfo++;
      return userinfo(state, req);
    default:
      return { status: 404 };
  }
}

/** An authorization server that keeps to its RFCs until `bend` says otherwise. It asks the person nothing. */
export async function startMisbehaving(given: MisbehavingOptions = {}): Promise<MisbehavingServer> {
  const options: Required<MisbehavingOptions> = {
    clientId: 'gatehouse-test',
    clientSecret: 'secret-that-is-long-enough-for-hs256-0123456789',
    issuerPath: '',
    issParameter: false,
    rotation: true,
    reuseDetection: true,
    accessTokenLifetime: 3600,
    revocationEnds: 'token',
    now: Date.now,
    ...given,
  };
  const seconds = () => Math.floor(options.now() / 1000);
  const keys = await createSigningKeys();
  const handle = (req: IncomingMessage, res: ServerResponse) => {
    answer(state, req)
      .then((reply) => sendReply(res, reply))
      .catch(() => res.destroy());
  };
  const listening = await listen(handle);
  const base = `${listening.origin}${options.issuerPath}`;
  const state: MisbehavingServer = {
    options,
    issuer: base,
    base,
    origin: listening.origin,
    keys,
    grants: createGrants(options, seconds),
    bend: {},
    person: { sub: 'person-1', email: 'jo@example.test', name: 'Jo Test' },
    calls: noCalls(),
    authorizationRequests: [],
    tokenCalls: [],
    revocations: [],
    seconds,
    providerFile: (file) => providerFile(state, file),
    environment: (id = 'acme') => clientEnvironment(id, options.clientId, options.clientSecret),
    tokenCallsOf: (grantType) => state.tokenCalls.filter((call) => call.grantType === grantType).length,
    reset() {
      state.bend = {};
      state.calls = noCalls();
      state.authorizationRequests = [];
      state.tokenCalls = [];
      state.revocations = [];
      state.grants.exchanges.clear();
    },
    close: () => listening.close(),
  };
  return state;
}

function providerFile({ issuer, base, origin }: MisbehavingServer, options: ProviderFileOptions = {}): string {
  const { id = 'acme', protocol = 'oidc', apiBase = origin, more } = options;
  const oidc = { extends: 'generic-oidc', issuer, scopes: ['openid', 'profile', 'email', 'offline_access'] };
  const oauth2 = {
    extends: 'generic-oauth2',
    endpoints: { authorization: `${base}/authorize`, token: `${base}/token`, revocation: `${base}/revoke` },
    scopes: ['read', 'write'],
  };
  return stringify({
    id,
    name: 'Acme Books',
    ...(protocol === 'oidc' ? oidc : oauth2),
    client_authentication: 'client_secret_post',
    revocation: { token: 'refresh_token', ends: 'token' },
    api: { base_url: apiBase },
    ...more,
  });
}
