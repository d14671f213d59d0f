import { randomBytes } from 'node:crypto';
import type { Response } from 'express';
import { isUsable, type Authorization } from '../state/authorizations.js';
import { secretMatches, type Client } from '../state/clients.js';
import { expiresIn, lifetime } from '../control/faults.js';
import type { TokenEndpoint } from '../token-endpoint.js';
import type { WireParameters } from '../wire-parameters.js';
import type { World } from '../state/world.js';
import { encryptedLooking } from './front.js';
import { tokenRefusal, type Refusal } from './token-refusal.js';

const accessTokenLifetime = 3600;
const refreshTokenLifetime = 31_536_000;

export function answerToken(world: World): TokenEndpoint['answer'] {
  const refuse = (res: Response, refusal: Refusal) => {
    const [status, body] = tokenRefusal(refusal, world.switches.choice('invoiced', 'error_shape'));
    res.status(status).json(body);
  };
  return async ({ body, credentials, client }, res) => {
    if (!client || !secretMatches(client, credentials.secret)) {
      refuse(res, 'client');
      return;
    }
    switch (body.get('grant_type')) {
      case 'authorization_code':
        return exchange(world, client, body, res, refuse);
      case 'refresh_token':
        return renew(world, client, body, res, refuse);
      default: {
        refuse(res, 'grant_type');
        return;
      }
    }
  };
}

type Refuse = (res: Response, refusal: Refusal) => void;

async function exchange(world: World, client: Client, body: WireParameters, res: Response, refuse: Refuse) {
  const verifier = body.get('code_verifier');
  const taken = world.authorizations.takeCode({
    code: body.get('code'),
    client,
    redirectUri: body.get('redirect_uri') ?? '',
    verifier,
  });
  if ('refused' in taken) {
    // A redirect URI that is not the client's is a matter of the client, another one of its own a matter of the code.
    const sent = body.get('redirect_uri');
    const foreign = taken.refused === 'redirect_uri' && sent !== undefined && !client.redirectUris.includes(sent);
    refuse(res, foreign ? 'client' : 'code');
    return;
  }
  if (verifier !== undefined && !taken.code.challenge) {
    refuse(res, 'code');
    return;
  }
  res.json(await issue(world, taken.code.authorization));
}

/** Ends the old refresh token and the old access token at once, then issues both anew. */
async function renew(world: World, client: Client, body: WireParameters, res: Response, refuse: Refuse) {
  const token = world.authorizations.refresh(body.get('refresh_token'));
  const dead = world.switches.flag('invoiced', 'dead_grant');
  if (dead || token?.authorization.client !== client || !isUsable(token, world.clock)) {
    refuse(res, 'refresh_token');
    return;
  }
  token.alive = false;
  for (const old of world.authorizations.accessOf(token.authorization)) old.alive = false;
  res.json(await issue(world, token.authorization));
}

async function issue(world: World, authorization: Authorization) {
  const { client, company, scopes } = authorization;
  const time = lifetime(world, 'invoiced', accessTokenLifetime);
  const exact = world.clock.now() / 1000;
  const value = await world.keys.sign({
    aud: client.id,
    jti: randomBytes(40).toString('hex'),
    iat: exact,
    nbf: exact,
    exp: exact + time.seconds,
    sub: `tenant:${company ?? ''}`,
    scopes: [...scopes],
  });
  world.authorizations.addAccess({ value, authorization, scopes, ...time });
  const answer = { token_type: 'Bearer', ...expiresIn(world, 'invoiced', time.seconds), access_token: value };
  if (world.switches.flag('invoiced', 'no_refresh_token')) return answer;
  const refreshToken = encryptedLooking();
  world.authorizations.addRefresh({
    value: refreshToken,
    authorization,
    scopes,
    issuedAt: time.issuedAt,
    expiresAt: time.issuedAt + refreshTokenLifetime,
  });
  return { ...answer, refresh_token: refreshToken };
}
