import { randomBytes } from 'node:crypto';
import type { Response } from 'express';
import { isUsable, type Authorization } from '../state/authorizations.js';
import { secretMatches, type Client } from '../state/clients.js';
import { expiresIn, lifetime } from '../control/faults.js';
import type { TokenEndpoint } from '../token-endpoint.js';
import type { WireParameters } from '../wire-parameters.js';
import type { World } from '../state/world.js';
import { realm } from './metadata.js';

const accessTokenLifetime = 3600;

export function answerToken(world: World): TokenEndpoint['answer'] {
  return ({ body, credentials, client }, res) => {
    answer(world, client && secretMatches(client, credentials.secret) ? client : undefined, body, res);
    return Promise.resolve();
  };
}

function answer(world: World, client: Client | undefined, body: WireParameters, res: Response): void {
  if (!client) {
    refuse(res.set('WWW-Authenticate', 'Basic realm="luca-v2"'), 401, 'invalid_client', 'Unknown client or secret');
    return;
  }
  if (body.doubled) {
    refuse(res, 400, 'invalid_request', 'A parameter came more than once');
    return;
  }
  switch (body.get('grant_type')) {
    case 'authorization_code': {
      exchange(world, client, body, res);
      return;
    }
    case 'refresh_token': {
      renew(world, client, body, res);
      return;
    }
    default: {
      refuse(res, 400, 'unsupported_grant_type', 'Not a grant type of this server');
      return;
    }
  }
}

/** A code that comes a second time ends what the first one gave (RFC 6749 section 4.1.2). */
function exchange(world: World, client: Client, body: WireParameters, res: Response): void {
  const taken = world.authorizations.takeCode({
    code: body.get('code'),
    client,
    redirectUri: body.get('redirect_uri'),
    verifier: body.get('code_verifier'),
  });
  if ('refused' in taken) {
    if (taken.refused === 'used' && taken.code) taken.code.authorization.alive = false;
    refuse(res, 400, 'invalid_grant', 'The code is not valid');
    return;
  }
  res.json(issue(world, taken.code.authorization, taken.code.authorization.scopes));
}

/** A refresh token that comes a second time ends the whole authorization (RFC 9700 section 4.14.2). */
function renew(world: World, client: Client, body: WireParameters, res: Response): void {
  const token = world.authorizations.refresh(body.get('refresh_token'));
  const dead = world.switches.flag(realm, 'dead_grant');
  if (dead || token?.authorization.client !== client || !isUsable(token, world.clock)) {
    if (!dead && token?.authorization.client === client) token.authorization.alive = false;
    refuse(res, 400, 'invalid_grant', 'The refresh token is not valid');
    return;
  }
  const wanted = body.list('scope');
  if (!wanted.every((scope) => token.scopes.includes(scope))) {
    refuse(res, 400, 'invalid_scope', 'More than was allowed');
    return;
  }
  token.alive = false;
  res.json(issue(world, token.authorization, wanted.length === 0 ? token.scopes : wanted));
}

function issue(world: World, authorization: Authorization, scopes: readonly string[]) {
  const time = lifetime(world, realm, accessTokenLifetime);
  const access = world.authorizations.addAccess({ value: opaque(), authorization, scopes, ...time });
  const answer = {
    access_token: access.value,
    token_type: 'Bearer',
    ...expiresIn(world, realm, time.seconds),
    scope: scopes.join(' '),
  };
  if (world.switches.flag(realm, 'no_refresh_token')) return answer;
  const refresh = world.authorizations.addRefresh({
    value: opaque(),
    authorization,
    scopes: authorization.scopes,
    issuedAt: time.issuedAt,
    expiresAt: Infinity,
  });
  return { ...answer, refresh_token: refresh.value };
}

/** 43 characters. */
function opaque(): string {
  return randomBytes(32).toString('base64url');
}

function refuse(res: Response, status: number, error: string, description: string): void {
  res.status(status).json({ error, error_description: description });
}
