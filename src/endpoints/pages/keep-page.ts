import type { Request, RequestHandler, Response } from 'express';
import type { Addresses } from '../../config/addresses.js';
import { redirect } from '../../http/redirect.js';
import type { Csrf } from '../../middleware/csrf.js';
import { requiredHolder } from '../../middleware/standing.js';
import type { Services } from '../../services.js';
import { earlierConnections, keepConnections } from '../connect/earlier-connections.js';
import { bodyParameters, queryParameters } from '../request/parameters.js';
import type { Pages } from '../request/pages.js';
import { checkedReturnTo } from '../request/return-to.js';

type Dependencies = Services & { addresses: Addresses; pages: Pages; csrf: Csrf };

/** GET /session/keep — asks a person who has signed in which of the connections made in this browser before are theirs. */
export function keepPage(services: Dependencies): RequestHandler {
  const { configuration, addresses, pages, csrf, registry } = services;
  return async (req, res) => {
    const returnTo = checkedReturnTo(configuration, queryParameters(req)) ?? addresses.home;
    requiredHolder(req);
    const earlier = await earlierConnections(services, req);
    if (!earlier) {
      redirect(res, 303, returnTo);
      return;
    }
    const connections = earlier.held.connections.map(({ id, connection }) => {
      const provider = registry.get(connection?.provider ?? '');
      return {
        id,
        provider: provider ? { id: provider.id, name: provider.name } : null,
        account: connection?.label ?? connection?.account.label ?? connection?.account.subject ?? null,
      };
    });
    const model = { csrf_token: csrf.token(req, res), connections, parameters: { return_to: returnTo } };
    res.type('html').send(pages.render(req, 'keep', model));
  };
}

/** POST /session/keep — `keep` names those that become the person's, perhaps several times; the rest is ended. */
export function answerKeepPage(services: Dependencies): RequestHandler {
  const { configuration, addresses } = services;
  return async (req: Request, res: Response) => {
    const parameters = bodyParameters(req);
    const returnTo = checkedReturnTo(configuration, parameters) ?? addresses.home;
    requiredHolder(req);
    const kept = new Set(parameters.get('keep') ?? []);
    const earlier = await earlierConnections(services, req);
    if (earlier) await keepConnections(services, earlier, ({ id }) => kept.has(id));
    redirect(res, 303, returnTo);
  };
}
