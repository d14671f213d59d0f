import type { Request, RequestHandler } from 'express';
import type { Addresses } from '../../config/addresses.js';
import { GatehouseError } from '../../errors.js';
import type { Services } from '../../services.js';
import { listForPage, saveChoice, withOrganizations, type FoundByName } from '../api/organizations.js';
import type { Csrf } from '../../middleware/csrf.js';
import { redirect } from '../../http/redirect.js';
import { sendPopupOutcome } from '../connect/popup.js';
import { bodyParameters, queryParameters, single, type SentParameters } from '../request/parameters.js';
import type { Pages } from '../request/pages.js';
import { checkedReturnTo } from '../request/return-to.js';

type Dependencies = Services & { addresses: Addresses; pages: Pages; csrf: Csrf };

/** GET /connect/:provider/organization — asks once, after connecting, for which organization calls are made. */
export function organizationPage(services: Dependencies): RequestHandler {
  const { configuration, addresses, pages, csrf } = services;
  return async (req, res) => {
    const parameters = queryParameters(req);
    const found = await askedFor(services, req, parameters);
    const { provider } = found;
    const returnTo = checkedReturnTo(configuration, parameters, provider.id) ?? addresses.home;
    const choices = isOpen(found) ? await listForPage(services, req, found) : null;
    if (!choices || choices.length === 0) redirect(res, 303, returnTo);
    else
      res.type('html').send(
        pages.render(req, 'organization', {
          csrf_token: csrf.token(req, res),
          provider: { id: provider.id, name: provider.name, environment: provider.environment ?? null },
          choices,
          required: provider.organizations.required,
          parameters: { return_to: returnTo, ...(found.stored ? { connection: found.stored.id } : {}) },
        }),
      );
  };
}

/** POST /connect/:provider/organization — the choice, or `decision=skip`; leads on to return_to. */
export function answerOrganizationPage(services: Dependencies): RequestHandler {
  const { configuration, addresses } = services;
  return async (req, res) => {
    const parameters = bodyParameters(req);
    const found = await askedFor(services, req, parameters);
    const { provider } = found;
    const returnTo = checkedReturnTo(configuration, parameters, provider.id) ?? addresses.home;
    const wanted = single(parameters, 'organization') ?? '';
    const skips = single(parameters, 'decision') === 'skip' && !provider.organizations.required;
    if (provider.organizations.required && wanted === '') throw choiceNeeded(provider.id);
    await saveChoice(services, req, res, found, skips ? 'skipped' : wanted === '' ? null : wanted);
    sendPopupOutcome(services, req, res, returnTo);
    redirect(res, 303, returnTo);
  };
}

/** The connection that the question is about: of several at the provider it is named. */
function askedFor(services: Dependencies, req: Request, parameters: SentParameters) {
  return withOrganizations(services, req, single(parameters, 'connection') ?? req.params['provider']);
}

/** Whether the question has no answer yet. */
function isOpen({ stored }: FoundByName): boolean {
  const connection = stored?.connection;
  return connection?.organization === undefined && connection?.organizationSkipped !== true;
}

function choiceNeeded(provider: string): GatehouseError {
  return new GatehouseError(
    'invalid_request',
    'This provider needs an organization. Choose one of the list.',
    provider,
  );
}
