import type { Request, Response } from 'express';
import { meantBy } from '../../connections/held-connections.js';
import { choiceOf, connectionState } from '../../connections/status.js';
import type { Csrf } from '../../middleware/csrf.js';
import { currentHolder } from '../../middleware/standing.js';
import type { Provider } from '../../providers/provider.js';
import type { Services } from '../../services.js';
import type { Pages } from '../request/pages.js';

type Dependencies = Pick<Services, 'configuration' | 'held' | 'now'> & { pages: Pages; csrf: Csrf };

interface Along {
  /** Of the start; they go on with either answer. */
  parameters: Readonly<Record<string, string>>;
  /** What the caller said of the provider's variables: for another account alone, since a connection has its own. */
  values: Readonly<Record<string, string>>;
}

/** The page that asks which of several connections a start is for. */
export async function askWhich(
  { configuration, held, now, pages, csrf }: Dependencies,
  req: Request,
  res: Response,
  provider: Provider,
  along: Along,
): Promise<string> {
  const holder = currentHolder(req);
  const all = holder && (await held.read(holder.slot));
  const situation = { candidate: false, now: now(), basePath: configuration.basePath };
  return pages.render(req, 'which', {
    csrf_token: csrf.token(req, res),
    provider: { id: provider.id, name: provider.name, environment: provider.environment ?? null },
    choices: (all ? meantBy(all, { provider }) : []).map((stored) => ({
      ...choiceOf(stored),
      status: connectionState(provider, { ...situation, stored }).status,
    })),
    another: provider.account.another ?? null,
    addable: (all?.connections.length ?? 0) < configuration.connectionsPerHolder,
    ...along,
  });
}
