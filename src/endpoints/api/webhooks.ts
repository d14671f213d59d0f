import { raw, type RequestHandler } from 'express';
import { traceFields } from '../../log/audit-actor.js';
import { GatehouseError } from '../../errors.js';
import type { Provider, Webhooks } from '../../providers/provider.js';
import type { Services } from '../../services.js';
import { eventKey } from '../../store/keys.js';
import { createDeliverOnce } from '../../webhooks/deliver-once.js';
import { passOn } from '../../webhooks/pass-on.js';
import { readEvent } from '../../webhooks/read-event.js';

/**
 * POST /webhooks/:provider — events that the provider signed, passed on to the operator's address. The raw bytes are what
 * is signed, so this comes before every body parser; the signature is the only credential, so no session, cookie or
 * X-CSRF takes part. A repetition is answered like the first once the operator took that, and not passed on.
 */
export function webhooks({ registry, store, http, log, now }: Services): RequestHandler[] {
  const deliverOnce = createDeliverOnce(store);
  const receive: RequestHandler<{ provider: string }> = async (req, res) => {
    const provider = withWebhooks(registry.get(req.params.provider));
    const body: unknown = req.body;
    if (!Buffer.isBuffer(body) || body.length === 0)
      throw new GatehouseError('invalid_request', 'The event has no body.', provider.id);
    const event = readEvent(provider.webhooks, body, signatureOf(req.rawHeaders, provider.webhooks), now());
    const contentType = req.get('content-type') ?? 'application/json';
    const outcome = await deliverOnce({
      key: eventKey(provider.id, event.fingerprint),
      provider: provider.id,
      remember: provider.webhooks.remember,
      forward: (isHeld) => passOn(http, provider, event, { contentType, requestId: res.locals.requestId, isHeld }),
    });
    const fields = { provider: provider.id, ...traceFields(res.locals) };
    if (outcome === 'passed_on') log.info('webhook.passed_on', fields);
    else log.info('webhook.repeated', fields);
    res.status(204).end();
  };
  const refuseOthers: RequestHandler = () => {
    throw new GatehouseError('method_not_allowed', 'This address answers POST.', { allow: ['POST'] });
  };
  return [postOnly(refuseOthers), raw({ type: () => true, limit: '1mb', inflate: false }), receive as RequestHandler];
}

function postOnly(refuse: RequestHandler): RequestHandler {
  return (req, res, next) => {
    if (req.method === 'POST') next();
    else return refuse(req, res, next);
  };
}

function withWebhooks(provider: Provider | undefined): Provider & { webhooks: Webhooks } {
  if (!provider) throw new GatehouseError('unknown_provider', 'No provider of this name is on offer here.');
  const { webhooks: settings } = provider;
  if (!settings) throw new GatehouseError('not_found', 'Events of this provider are not taken here.', provider.id);
  return { ...provider, webhooks: settings };
}

/** The one value of the signature header; with two it would be open which one counts. */
function signatureOf(rawHeaders: readonly string[], { signatureHeader }: Webhooks): string | undefined {
  const values = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === signatureHeader);
  return values.length === 1 ? values[0] : undefined;
}
