import type { Request, RequestHandler, Response } from 'express';
import { clientCredentials, type ClientCredentials } from './client-credentials.js';
import type { Client } from './state/clients.js';
import { faultAnswered } from './control/faults.js';
import type { ProviderId } from './provider-ids.js';
import { bodyParameters, type WireParameters } from './wire-parameters.js';
import type { World } from './state/world.js';

/** A call of the token endpoint, taken apart. `client` is known by its id only: its secret is not compared yet. */
export interface TokenCall {
  readonly body: WireParameters;
  readonly credentials: ClientCredentials;
  readonly client: Client | undefined;
}

export interface TokenEndpoint {
  readonly provider: ProviderId;
  readonly realm: string;
  readonly answer: (call: TokenCall, res: Response, req: Request) => Promise<void>;
}

/** What all token endpoints have in common: the count, the faults, and an answer that nobody may cache. */
export function tokenEndpoint(world: World, { provider, realm, answer }: TokenEndpoint): RequestHandler {
  return async (req, res) => {
    const body = bodyParameters(req);
    const credentials = clientCredentials(req, body);
    const client = world.clients.find(realm, credentials.id);
    const caller = client?.provider ?? provider;
    world.calls.count(caller, 'token');
    if (body.get('grant_type') === 'refresh_token') world.calls.count(caller, 'refresh');
    if (await faultAnswered(world, caller, 'token_status', res)) return;
    res.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' });
    const outdated = client !== undefined && world.switches.flag(caller, 'other_secret');
    const shown = outdated ? { ...credentials, secret: `${credentials.secret ?? ''}-before` } : credentials;
    await answer({ body, credentials: shown, client }, res, req);
    world.log('token', { provider: caller, status: res.statusCode });
  };
}
