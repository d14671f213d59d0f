import type { RequestHandler } from 'express';
import { GatehouseError } from '../../errors.js';
import type { SetUpSheets } from '../../providers/set-up-sheets.js';
import type { Services } from '../../services.js';
import type { Addresses } from '../../config/addresses.js';
import { offeredProvider } from '../request/offered-provider.js';
import type { Pages } from '../request/pages.js';

type Dependencies = Services & { pages: Pages; addresses: Addresses; setUps: SetUpSheets };

/** GET /setup/:provider — what the operator has to do at the provider, before and after it is on offer; in development only. */
export function setup({ registry, configuration, pages, addresses, setUps }: Dependencies): RequestHandler {
  return (req, res) => {
    if (configuration.production) throw new GatehouseError('not_found', 'The set-up pages are for development.');
    const id = req.params['provider'];
    const sheet = typeof id === 'string' ? setUps.get(id) : undefined;
    if (!sheet) offeredProvider(registry, undefined);
    else
      res.type('html').send(
        pages.render(req, 'setup', {
          provider: { id: sheet.id, name: sheet.name },
          environment: sheet.environment ?? null,
          environments: sheet.environments,
          redirect_uri: sheet.grant === 'authorization_code' ? addresses.redirectUri(sheet.id) : null,
          offered: registry.get(sheet.id) !== undefined,
          // On offer without a client of the operator's own: the sandbox's.
          emulated: registry.get(sheet.id) !== undefined && sheet.variables[0]?.set === false,
          try_with:
            registry.get(sheet.id) || sheet.grant === 'client_credentials'
              ? null
              : `SANDBOX_PROVIDERS=${sheet.id} npm start`,
          variables: sheet.variables,
          checklist: sheet.checklist,
          documentation_url: sheet.documentationUrl ?? null,
        }),
      );
  };
}
