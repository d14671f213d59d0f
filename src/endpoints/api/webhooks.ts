import type { Request, RequestHandler } from 'express';
import { traceFields } from '../../log/audit-actor.js';
import { GatehouseError } from '../../errors.js';
import type { BodyLimits, ReceiveBody } from '../../http/receive-body.js';
import { addressOf } from '../../middleware/body.js';
import type { Provider, Webhooks } from '../../providers/provider.js';
import type { Services } from '../../services.js';
import { eventKey } from '../../store/keys.js';
import { createDeliverOnce } from '../../webhooks/deliver-once.js';
import { passOn } from '../../webhooks/pass-on.js';
import { expectedDigest, readEvent } from '../../webhooks/read-event.js';
import { stillUnderWay } from '../../webhooks/still-under-way.js';

type Dependencies = Pick<Services, 'registry' | 'store' | 'http' | 'inFlight' | 'log' | 'now'> & {
  receiveBody: ReceiveBody;
};

/** Milliseconds after which the provider gets an answer, whatever became of the event. */
const answerWithinMs = 10_000;
const limits: BodyLimits = { maxBytes: 1_048_576, timeoutMs: 10_000 };

/**
 * POST /webhooks/:provider — events that the provider signed, passed on to the operator's address. What can be refused
 * without the body is refused before a byte of it is read. The raw bytes are what is signed, so this comes before every
 * body parser; the signature is the only credential, so no session, cookie or X-CSRF takes part. A repetition is answered
 * like the first one once the operator took that, and not passed on.
 */
export function receiveWebhook(services: Dependencies): RequestHandler<{ provider: string }> {
  const { registry, store, http, inFlight, log, now, receiveBody } = services;
  const deliverOnce = createDeliverOnce(store);
  return async (req, res) => {
    const provider = withWebhooks(registry.get(req.params.provider));
    const header = signatureOf(req.rawHeaders, provider.webhooks);
    const digest = expectedDigest(provider.webhooks, header);
    const body = await receiveBody(req, addressOf(req as Request), limits);
    if (body.length === 0) throw new GatehouseError('invalid_request', 'The event has no body.', provider.id);
    const event = readEvent(provider.webhooks, body, digest, now());
    const contentType = req.get('content-type') ?? 'application/json';
    const { requestId } = res.locals;
    const delivered = deliverOnce({
      key: eventKey(provider.id, event.fingerprint),
      provider: provider.id,
      remember: provider.webhooks.remember,
      forward: (isHeld) => passOn(http, provider, event, { contentType, signature: header, requestId, isHeld, now }),
    });
    const logged = delivered.then((outcome) => {
      const fields = { provider: provider.id, ...traceFields(res.locals) };
      if (outcome === 'passed_on') log.info('webhook.passed_on', fields);
      else log.info('webhook.repeated', fields);
    });
    await settledInTime(inFlight.add(logged), provider.id);
    res.status(200).end();
  };
}

/** The provider waits no longer; the event goes on, and the provider's next copy finds what became of it. */
function settledInTime(work: Promise<void>, provider: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(stillUnderWay(provider)), answerWithinMs);
    work.finally(() => clearTimeout(late)).then(resolve, reject);
  });
}

/** Refuses what is no event by its head. */
export const onlyEvents: RequestHandler<{ provider: string }> = (req, _res, next) => {
  if (req.method !== 'POST')
    throw new GatehouseError('method_not_allowed', 'This address answers POST.', { allow: ['POST'] });
  next();
};

function withWebhooks(provider: Provider | undefined): Provider & { webhooks: Webhooks } {
  if (!provider) throw new GatehouseError('unknown_provider', 'No provider of this name is available here.');
  const { webhooks: settings } = provider;
  if (!settings)
    throw new GatehouseError('not_found', 'This server does not take events of this provider.', provider.id);
  return { ...provider, webhooks: settings };
}

/** The one value of the signature header; with two it would be open which one counts. */
function signatureOf(rawHeaders: readonly string[], { signatureHeader }: Webhooks): string | undefined {
  const values = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === signatureHeader);
  return values.length === 1 ? values[0] : undefined;
}
