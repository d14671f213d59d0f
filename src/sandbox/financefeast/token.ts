import { randomInt } from 'node:crypto';
import type { Response } from 'express';
import type { Authorization } from '../state/authorizations.js';
import { secretMatches } from '../state/clients.js';
import { expiresIn, lifetime } from '../control/faults.js';
import { idToken } from '../id-token.js';
import type { TokenEndpoint } from '../token-endpoint.js';
import type { World } from '../state/world.js';
import { isApproved } from './front.js';

const realm = 'financefeast';
const accessTokenLifetime = 864_000;
const demanded = ['grant_type', 'code', 'client_id', 'client_secret', 'redirect_uri'] as const;

export function answerToken(world: World): TokenEndpoint['answer'] {
  return async ({ body, credentials, client }, res, req) => {
    if (!req.is('application/x-www-form-urlencoded')) {
      refuse(res, 'invalid_request', 'The body must be application/x-www-form-urlencoded');
      return;
    }
    const grantType = body.get('grant_type');
    if (grantType !== undefined && grantType !== 'authorization_code') {
      refuse(res, 'unsupported_grant_type', 'Only authorization_code is supported');
      return;
    }
    if (credentials.method === 'basic') {
      refuse(res, 'invalid_client', 'Send the secret in the form');
      return;
    }
    const missing = demanded.find((name) => body.get(name) === undefined);
    if (missing !== undefined) {
      refuse(res, 'invalid_request', `Missing "${missing}" in request`);
      return;
    }
    if (!client || !secretMatches(client, credentials.secret) || !isApproved(world, client)) {
      refuse(res, 'invalid_client', 'Unknown, disabled or wrongly authenticated client');
      return;
    }
    const taken = world.authorizations.takeCode({
      code: body.get('code'),
      client,
      redirectUri: body.get('redirect_uri') ?? '',
      verifier: body.get('code_verifier'),
    });
    if ('refused' in taken) {
      refuse(res, 'invalid_grant', 'Invalid "code" in request');
      return;
    }
    res.json(await issue(world, taken.code.authorization));
  };
}

/** The members in the order of the real answer: by alphabet, and `expires_at` behind them all. */
async function issue(world: World, authorization: Authorization) {
  const { scopes, nonce, person } = authorization;
  const time = lifetime(world, realm, accessTokenLifetime);
  const { value } = world.authorizations.addAccess({ value: opaque(), authorization, scopes, ...time });
  const issuer = `${world.publicUrl}/${realm}`;
  const claims = { sub: person?.subject ?? '', ...(scopes.includes('profile') ? { email: person?.username } : {}) };
  const identity = scopes.includes('openid')
    ? await idToken(world, { issuer, authorization, nonce, claims })
    : undefined;
  return {
    access_token: value,
    ...expiresIn(world, realm, time.seconds),
    ...(identity === undefined ? {} : { id_token: identity }),
    scope: scopes.join(' '),
    token_type: 'Bearer',
    ...(world.switches.flag(realm, 'expires_at') ? { expires_at: time.issuedAt + time.seconds } : {}),
  };
}

/** 42 letters and digits. */
function opaque(): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  return Array.from({ length: 42 }, () => letters[randomInt(letters.length)]).join('');
}

function refuse(res: Response, error: string, description: string): void {
  res.status(400).json({ error, error_description: description });
}
