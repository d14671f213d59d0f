import type { Request, RequestHandler, Response } from 'express';
import type { Addresses } from '../../config/addresses.js';
import { connectionRef } from '../../connections/connection-ref.js';
import { maxLabelLength, renameConnection } from '../../connections/rename.js';
import { notConnected, reauthRequired } from '../../connections/refresh/failure.js';
import { GatehouseError } from '../../errors.js';
import { redirect } from '../../http/redirect.js';
import type { Services } from '../../services.js';
import { namedConnection, type NamedConnection } from '../request/named-connection.js';
import { bodyParameters, single } from '../request/parameters.js';
import { stateOf } from './connections.js';

/** PATCH /api/connections/:key — `{"label": …}`: the person's name for the connection; null is the account's own. */
export function rename(services: Services): RequestHandler {
  return async (req, res) => {
    const body: unknown = req.body;
    const isObject = typeof body === 'object' && body !== null && Object.keys(body).join() === 'label';
    const label = isObject ? (body as { label: unknown }).label : undefined;
    if (label !== null && typeof label !== 'string')
      throw new GatehouseError(
        'invalid_request',
        'Send {"label": "…"}, or {"label": null} for the name of the account.',
      );
    const { provider, stored } = await save(services, req, res, label);
    res.json(await stateOf(services, req, provider, stored?.id));
  };
}

/** POST /connections/:key/rename — the same from a form; an empty field is the account's own name. */
export function renameByForm(services: Services & { addresses: Addresses }): RequestHandler {
  return async (req, res) => {
    const label = (single(bodyParameters(req), 'label') ?? '').trim();
    await save(services, req, res, label === '' ? null : label);
    redirect(res, 303, services.addresses.of(`/connections/${String(req.params['key'])}`));
  };
}

async function save(services: Services, req: Request, res: Response, label: string | null): Promise<NamedConnection> {
  const found = await namedConnection(services, req, req.params['key']);
  const { provider, holder, stored } = found;
  if (!stored) throw notConnected(provider);
  if (!stored.connection) throw reauthRequired(provider);
  if (label !== null) refuseUnfit(label, provider.id);
  await renameConnection(services, connectionRef(holder, provider, stored.cell, res.locals), stored.id, label);
  services.log.audit(
    'connection.renamed',
    { slot: holder.slot, owner: holder.owner, trace: res.locals },
    { provider: provider.id },
  );
  return found;
}

/** Control characters, and those that turn the direction of writing: they would make a page say something else than it does. */
const unfit = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;

function refuseUnfit(label: string, provider: string): void {
  const isFit = label.trim() !== '' && Array.from(label).length <= maxLabelLength && !unfit.test(label);
  if (isFit) return;
  throw new GatehouseError(
    'invalid_request',
    `A label is 1 to ${maxLabelLength} characters, without control characters.`,
    provider,
  );
}
