import { randomBytes } from 'node:crypto';
import { isUsable, type Authorization } from '../state/authorizations.js';
import { secretMatches, type Client } from '../state/clients.js';
import { expiresIn, lifetime } from '../control/faults.js';
import type { TokenEndpoint } from '../token-endpoint.js';
import type { WireParameters } from '../wire-parameters.js';
import type { World } from '../state/world.js';

const accessTokenLifetime = 3600;

type Answer = Readonly<Record<string, unknown>>;

/** Refusals come with status 200 here; only the absence of an access token tells them from a success. */
export function answerToken(world: World): TokenEndpoint['answer'] {
  const refusal = (text: string): Answer => {
    const member = world.switches.choice('luca', 'refusal_member');
    return { status: 'error', [member]: member === 'error' ? text : [text] };
  };
  return async ({ body, credentials, client }, res) => {
    if (!client || credentials.method === 'basic' || !secretMatches(client, credentials.secret))
      return void res.json(refusal('Client authentication failed'));
    switch (body.get('grant_type')) {
      case 'authorization_code':
        return void res.json((await exchange(world, client, body)) ?? refusal('The code is invalid or has expired'));
      case 'refresh_token':
        return void res.json((await renew(world, client, body)) ?? refusal('The refresh token is invalid'));
      default:
        return void res.json(refusal('Unknown grant type'));
    }
  };
}

/** The redirect URI may be left out here; if it is sent, it is compared. */
async function exchange(world: World, client: Client, body: WireParameters): Promise<Answer | undefined> {
  const redirectUri = body.get('redirect_uri');
  const taken = world.authorizations.takeCode({ code: body.get('code'), client, redirectUri, verifier: undefined });
  if ('refused' in taken) return undefined;
  return issue(world, taken.code.authorization, newRefresh(world, taken.code.authorization));
}

async function renew(world: World, client: Client, body: WireParameters): Promise<Answer | undefined> {
  const token = world.authorizations.refresh(body.get('refresh_token'));
  if (world.switches.flag('luca', 'dead_grant')) return undefined;
  if (token?.authorization.client !== client || !isUsable(token, world.clock)) return undefined;
  if (!world.switches.flag('luca', 'rotation')) return issue(world, token.authorization, token.value);
  token.alive = false;
  return issue(world, token.authorization, newRefresh(world, token.authorization));
}

async function issue(world: World, authorization: Authorization, refreshToken: string): Promise<Answer> {
  const time = lifetime(world, 'luca', accessTokenLifetime);
  const value = await world.keys.sign({
    iss: `${world.publicUrl}/luca`,
    sub: authorization.person?.subject ?? '',
    aud: authorization.client.id,
    jti: randomBytes(16).toString('hex'),
    iat: time.issuedAt,
    exp: time.issuedAt + time.seconds,
    company: authorization.company,
    scope: 'accounting',
  });
  world.authorizations.addAccess({ value, authorization, scopes: authorization.scopes, ...time });
  return {
    status: 'ok',
    access_token: value,
    ...(world.switches.flag('luca', 'no_refresh_token') ? {} : { refresh_token: refreshToken }),
    token_type: 'bearer',
    ...expiresIn(world, 'luca', time.seconds),
  };
}

/** Never expires. */
function newRefresh(world: World, authorization: Authorization): string {
  const value = randomBytes(48).toString('hex');
  const issuedAt = world.clock.seconds();
  world.authorizations.addRefresh({
    value,
    authorization,
    scopes: authorization.scopes,
    issuedAt,
    expiresAt: Infinity,
  });
  return value;
}
