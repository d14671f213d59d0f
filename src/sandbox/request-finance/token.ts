import { randomBytes } from 'node:crypto';
import type { Response } from 'express';
import { isUsable, type Authorization } from '../state/authorizations.js';
import { secretMatches, type Client, type GrantType } from '../state/clients.js';
import { expiresIn, lifetime } from '../control/faults.js';
import { idToken } from '../id-token.js';
import { fullName, type Person } from '../state/people.js';
import type { TokenEndpoint } from '../token-endpoint.js';
import type { WireParameters } from '../wire-parameters.js';
import type { World } from '../state/world.js';
import { issuerOf, realm } from './metadata.js';

const accessTokenLifetime = 86_400;

export function answerToken(world: World): TokenEndpoint['answer'] {
  return async ({ body, credentials, client }, res) => {
    if (!client || !secretMatches(client, credentials.secret)) {
      refuse(res, 401, 'access_denied', 'Unauthorized');
      return;
    }
    if (body.doubled) {
      refuse(res, 400, 'invalid_request', 'A parameter came more than once');
      return;
    }
    const grantType = body.get('grant_type');
    if (grantType === undefined) {
      refuse(res, 400, 'invalid_request', 'Missing required parameter: grant_type');
      return;
    }
    if (!isKnown(grantType)) {
      refuse(res, 403, 'unsupported_grant_type', 'Unsupported grant type');
      return;
    }
    if (!client.grantTypes.includes(grantType)) {
      refuse(res, 403, 'unauthorized_client', `Grant type '${grantType}' not allowed for the client.`);
      return;
    }
    if (grantType === 'client_credentials') return forItself(world, client, body, res);
    if (world.switches.flag(realm, 'mfa_required'))
      return void res.status(403).json({
        error: 'mfa_required',
        error_description: 'Multifactor authentication required',
        mfa_token: randomBytes(32).toString('base64url'),
      });
    return grantType === 'authorization_code' ? exchange(world, client, body, res) : renew(world, client, body, res);
  };
}

/** An access token for the API, as a JWT whose scopes can be read; without the audience it is for userinfo only. */
export async function issueAccess(world: World, authorization: Authorization, scopes: readonly string[]) {
  const { client, person, audience } = authorization;
  const time = lifetime(world, client.provider, accessTokenLifetime);
  const value = await world.keys.sign({
    iss: issuerOf(world),
    sub: person ? subjectOf(person) : `${client.id}@clients`,
    aud: person
      ? [...(audience === undefined ? [] : [audience]), `${world.internalUrl}/${realm}/userinfo`]
      : 'accounts',
    iat: time.issuedAt,
    exp: time.issuedAt + time.seconds,
    azp: client.id,
    jti: randomBytes(12).toString('base64url'),
    ...(person ? { scope: scopes.join(' ') } : { gty: 'client-credentials' }),
  });
  world.authorizations.addAccess({ value, authorization, scopes, ...time });
  return { access_token: value, ...expiresIn(world, client.provider, time.seconds), token_type: 'Bearer' };
}

export function subjectOf({ subject }: Person): string {
  return `auth0|${subject}`;
}

export function claimsOf(person: Person, scopes: readonly string[]) {
  return {
    sub: subjectOf(person),
    ...(scopes.includes('profile')
      ? { name: fullName(person), given_name: person.givenName, family_name: person.familyName, nickname: person.id }
      : {}),
    ...(scopes.includes('email') ? { email: person.username, email_verified: true } : {}),
  };
}

async function exchange(world: World, client: Client, body: WireParameters, res: Response): Promise<void> {
  if (body.get('code') === undefined) {
    refuse(res, 400, 'invalid_request', 'Missing required parameter: code');
    return;
  }
  const taken = world.authorizations.takeCode({
    code: body.get('code'),
    client,
    redirectUri: body.get('redirect_uri') ?? '',
    verifier: body.get('code_verifier'),
  });
  if ('refused' in taken) {
    refuse(
      res,
      403,
      'invalid_grant',
      taken.refused === 'verifier' ? 'Failed to verify code verifier' : 'Invalid authorization code',
    );
    return;
  }
  const { authorization } = taken.code;
  const { scopes } = authorization;
  const refreshToken =
    scopes.includes('offline_access') && !world.switches.flag(realm, 'no_refresh_token')
      ? issueRefresh(world, authorization, scopes)
      : undefined;
  res.json({
    ...(await issueAccess(world, authorization, scopes)),
    ...(await identity(world, authorization, scopes, authorization.nonce)),
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    ...named(world, scopes),
  });
}

async function renew(world: World, client: Client, body: WireParameters, res: Response): Promise<void> {
  const token = world.authorizations.refresh(body.get('refresh_token'));
  const rotates = world.switches.flag(realm, 'rotation');
  const dead = world.switches.flag(realm, 'dead_grant');
  if (dead || token?.authorization.client !== client || !isUsable(token, world.clock)) {
    if (token && !token.alive && rotates) token.authorization.alive = false;
    refuse(res, 403, 'invalid_grant', 'Unknown or invalid refresh token.');
    return;
  }
  const wanted = body.list('scope');
  const scopes = wanted.length === 0 ? token.scopes : token.scopes.filter((scope) => wanted.includes(scope));
  if (rotates) token.alive = false;
  res.json({
    ...(await issueAccess(world, token.authorization, scopes)),
    ...(await identity(world, token.authorization, scopes, undefined)),
    ...(rotates ? { refresh_token: issueRefresh(world, token.authorization, token.scopes) } : {}),
    ...named(world, scopes),
  });
}

async function forItself(world: World, client: Client, body: WireParameters, res: Response): Promise<void> {
  if (body.get('audience') !== 'accounts') {
    refuse(res, 403, 'access_denied', 'Client is not authorized to access this audience');
    return;
  }
  const authorization = world.authorizations.add({
    client,
    person: undefined,
    company: undefined,
    scopes: [],
    audience: 'accounts',
    nonce: undefined,
  });
  res.json(await issueAccess(world, authorization, []));
}

async function identity(
  world: World,
  authorization: Authorization,
  scopes: readonly string[],
  nonce: string | undefined,
): Promise<{ id_token?: string }> {
  if (!authorization.person || !scopes.includes('openid')) return {};
  const claims = claimsOf(authorization.person, scopes);
  const token = await idToken(world, { issuer: issuerOf(world), authorization, nonce, claims });
  return token === undefined ? {} : { id_token: token };
}

/** The access token says the same, for answers that leave it out. */
function named(world: World, scopes: readonly string[]): { scope?: string } {
  return world.switches.flag(realm, 'scope_in_answer') ? { scope: scopes.join(' ') } : {};
}

function issueRefresh(world: World, authorization: Authorization, scopes: readonly string[]): string {
  const value = randomBytes(33).toString('base64url');
  const issuedAt = world.clock.seconds();
  world.authorizations.addRefresh({ value, authorization, scopes, issuedAt, expiresAt: Infinity });
  return value;
}

function isKnown(grantType: string): grantType is GrantType {
  return ['authorization_code', 'refresh_token', 'client_credentials'].includes(grantType);
}

function refuse(res: Response, status: number, error: string, description: string): void {
  res.status(status).json({ error, error_description: description });
}
