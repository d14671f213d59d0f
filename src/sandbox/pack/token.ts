import { randomBytes } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { expiresIn, faultAnswered, lifetime } from '../control/faults.js';
import { idToken } from '../id-token.js';
import { isUsable, type Authorization, type Token } from '../state/authorizations.js';
import type { Client } from '../state/clients.js';
import type { World } from '../state/world.js';
import { accountOf, withAccount } from './accounts.js';
import type { Emulator } from './emulator.js';
import { movedIssuer, tenant } from './issuer.js';
import { put } from './json-place.js';
import { hasHeaders, parametersOf, provenClient, type Parameters } from './wire.js';

/** The token endpoint, in the format of the file. */
export function tokenEndpoint(world: World, emulator: Emulator): RequestHandler {
  const { id, file } = emulator;
  const { names, format } = file.token?.request ?? {};
  return async (req, res) => {
    world.calls.count(id, 'token');
    const parameters = parametersOf(req, format);
    const isRefresh = parameters?.has(names?.['refresh_token'] ?? 'refresh_token') ?? false;
    if (isRefresh) world.calls.count(id, 'refresh');
    if (await faultAnswered(world, id, 'token_status', res)) return;
    const { status, body } = parameters
      ? await answer(world, emulator, { req, parameters, isRefresh })
      : refusal(emulator, 'invalid_request');
    res.status(status).set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' }).json(body);
    world.log('token', { provider: id, status });
  };
}

interface Call {
  readonly req: Request;
  readonly parameters: Parameters;
  readonly isRefresh: boolean;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function answer(world: World, emulator: Emulator, call: Call): Promise<Answer> {
  const { req, parameters, isRefresh } = call;
  const { token = {} } = emulator.file;
  const { request } = token ?? {};
  const fixed = Object.entries({ ...token?.parameters, ...(isRefresh ? request?.refresh : request?.code) });
  const isAsWritten = fixed.every(
    ([name, value]) => value === null || value.includes('{') || parameters.get(name) === value,
  );
  const hasGrantType = parameters.has(request?.names?.['grant_type'] ?? 'grant_type');
  if (!hasGrantType || !isAsWritten || !hasHeaders(emulator, req, request?.headers))
    return refusal(emulator, 'invalid_request');
  const client = provenClient(world, emulator, req, parameters);
  if (!client) return refusal(emulator, 'invalid_client');
  return (isRefresh ? refresh : exchange)(world, emulator, parameters, client);
}

async function exchange(world: World, emulator: Emulator, parameters: Parameters, client: Client): Promise<Answer> {
  const names = emulator.file.token?.request?.names;
  const taken = world.authorizations.takeCode({
    code: parameters.get(names?.['code'] ?? 'code'),
    client,
    redirectUri: parameters.get(names?.['redirect_uri'] ?? 'redirect_uri') ?? '',
    verifier: parameters.get('code_verifier'),
  });
  if ('refused' in taken) return refusal(emulator, 'invalid_grant');
  const { authorization } = taken.code;
  const members = await tokensFor(world, emulator, authorization, authorization.nonce);
  return issued(members, emulator, issueRefreshToken(world, emulator, authorization));
}

async function refresh(world: World, emulator: Emulator, parameters: Parameters, client: Client): Promise<Answer> {
  const { id, file, profile } = emulator;
  const value = parameters.get(file.token?.request?.names?.['refresh_token'] ?? 'refresh_token');
  const token = world.authorizations.refresh(value);
  const isGood = isUsable(token, world.clock) && token.authorization.client === client;
  if (!isGood || world.switches.flag(id, 'dead_grant')) return refusal(emulator, 'invalid_grant');
  const { authorization } = token;
  const members = await tokensFor(world, emulator, authorization, undefined);
  if (profile.refresh === 'silent' || profile.refresh === 'same') {
    world.authorizations.addRefresh({ ...token, expiresAt: refreshEnd(world, emulator) });
    return issued(members, emulator, profile.refresh === 'same' ? token.value : undefined);
  }
  token.alive = false;
  return issued(members, emulator, issueRefreshToken(world, emulator, authorization));
}

/** A new access token, as the members of a response. */
async function tokensFor(
  world: World,
  emulator: Emulator,
  authorization: Authorization,
  nonce: string | undefined,
): Promise<unknown> {
  const { id, file, profile } = emulator;
  const account = accountOf(emulator, authorization);
  const usual = profile.access_lifetime ?? file.token?.default_lifetime ?? 3600;
  const { seconds, issuedAt, expiresAt } = lifetime(world, id, usual === 'never' ? Number.POSITIVE_INFINITY : usual);
  const subject = { [file.account?.subject ?? 'sub']: account.id };
  const claims = { sub: account.id, email: account.email, name: account.name, ...subject };
  const value =
    file.account?.source === 'access_token'
      ? await world.keys.sign({ ...claims, jti: randomBytes(9).toString('base64url'), iat: issuedAt })
      : randomBytes(32).toString('base64url');
  const { scopes } = authorization;
  world.authorizations.addAccess({ value, authorization, scopes, issuedAt, expiresAt });
  const answer = file.token?.answer;
  const separator = file.scope_separator === 'comma' ? ',' : ' ';
  let members: unknown = withAccount(profile.token_members ?? {}, account);
  members = put(members, pointerTo(answer, 'access_token'), value);
  members = put(members, pointerTo(answer, 'token_type'), file.token?.bearer_types?.[0] ?? 'Bearer');
  if (scopes.length > 0) members = put(members, pointerTo(answer, 'scope'), scopes.join(separator));
  if (Number.isFinite(seconds)) members = withLifetime(world, emulator, members, seconds, expiresAt);
  for (const [pointer, said] of toldValues(world, emulator, account.id)) members = put(members, pointer, said);
  if (file.protocol !== 'oidc' && !scopes.includes('openid')) return members;
  const token = await idToken(world, {
    issuer: movedIssuer(world, emulator),
    authorization,
    nonce,
    claims: withTenant(emulator, claims),
  });
  return token === undefined ? members : put(members, '/id_token', token);
}

function withLifetime(
  world: World,
  { id, file }: Emulator,
  members: unknown,
  seconds: number,
  expiresAt: number,
): unknown {
  const { expires_in: rule, expires_at: moment } = file.token?.answer ?? {};
  if (moment != null) {
    const pointer = typeof moment === 'string' ? moment : ((moment as { pointer?: string }).pointer ?? '/expires_at');
    return put(members, pointer, new Date(expiresAt * 1000).toISOString());
  }
  const said = (typeof rule === 'string' ? { pointer: rule } : rule) as { pointer?: string; unit?: string } | undefined;
  const { pointer = '/expires_in', unit = 'seconds' } = said ?? {};
  const written = { seconds, minutes: Math.floor(seconds / 60), milliseconds: seconds * 1000 }[unit] ?? seconds;
  const [value] = Object.values(expiresIn(world, id, written));
  return value === undefined ? members : put(members, pointer, value);
}

/** What the file's variables read in a token response. */
function toldValues({ internalUrl }: World, { file }: Emulator, accountId: string): [string, string][] {
  return Object.values(file.variables ?? {}).flatMap((variable): [string, string][] => {
    if (variable?.from !== 'token_answer' || !variable.pointer) return [];
    return [[variable.pointer, variable.origin_within ? internalUrl : accountId]];
  });
}

function withTenant({ file }: Emulator, claims: Record<string, string>): Record<string, string> {
  return file.issuer?.includes('{tid}') ? { ...claims, tid: tenant } : claims;
}

function issueRefreshToken(world: World, emulator: Emulator, authorization: Authorization): string | undefined {
  if (emulator.profile.refresh === 'none' || world.switches.flag(emulator.id, 'no_refresh_token')) return undefined;
  const value = randomBytes(32).toString('base64url');
  const token: Omit<Token, 'alive'> = {
    ...{ value, authorization, scopes: authorization.scopes },
    ...{ issuedAt: world.clock.seconds(), expiresAt: refreshEnd(world, emulator) },
  };
  world.authorizations.addRefresh(token);
  return value;
}

/** The second at which a refresh token ends that nobody uses. */
function refreshEnd({ clock }: World, { file, profile }: Emulator): number {
  const days = file.token?.refresh_idle_days ?? profile.idle_days;
  return days == null ? Number.POSITIVE_INFINITY : clock.seconds() + days * 86_400;
}

function issued(members: unknown, { file }: Emulator, refreshToken: string | undefined): Answer {
  const place = pointerTo(file.token?.answer, 'refresh_token');
  return { status: 200, body: refreshToken === undefined ? members : put(members, place, refreshToken) };
}

function pointerTo(answer: Readonly<Record<string, unknown>> | null | undefined, member: string): string {
  const place = answer?.[member];
  return typeof place === 'string' ? place : `/${member}`;
}

/** A refusal as this provider writes it: with 4xx, or with 200 where the file says that it does so. */
function refusal({ file }: Emulator, reason: 'invalid_request' | 'invalid_client' | 'invalid_grant'): Answer {
  const { dead_grant: dead, refused_at_200: at200 } = file.token?.errors ?? {};
  const error = reason === 'invalid_grant' ? (dead?.[0] ?? reason) : reason;
  if (at200?.[0] !== undefined) return { status: 200, body: { ok: false, [at200[0]]: error } };
  return { status: reason === 'invalid_client' ? 401 : 400, body: { error } };
}
