import { setTimeout as wait } from 'node:timers/promises';
import { Webhook } from 'standardwebhooks';
import { GatehouseError } from '../errors.js';
import type { HttpClient } from '../http/client.js';
import { HttpFailure } from '../http/failure.js';
import type { Provider, Webhooks } from '../providers/provider.js';
import type { WebhookEvent } from './read-event.js';
import { stillUnderWay } from './still-under-way.js';

/** Milliseconds before each attempt. */
const pausesMs = [0, 250, 1_000];

interface Forwarding {
  contentType: string;
  /** What the provider's own signature header said. */
  signature: string | undefined;
  requestId: string;
  isHeld: () => boolean;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/**
 * Sends a verified event to the operator's address: the raw body, its type, the provider's signature and headers of our
 * own, nothing else. No redirect is followed. An attempt that ended without an answer is not repeated here, because the
 * address may still be working on it. Throws GatehouseError upstream_timeout for that, upstream_unreachable when the
 * address takes the event at none of three attempts, and store_unavailable when the claim on the event was lost before one.
 */
export async function passOn(
  http: HttpClient,
  provider: Provider & { webhooks: Webhooks },
  event: WebhookEvent,
  forwarding: Forwarding,
): Promise<void> {
  const { id, webhooks } = provider;
  let cause: unknown;
  for (const pauseMs of pausesMs) {
    await wait(pauseMs);
    if (!forwarding.isHeld()) throw stillUnderWay(id);
    const request = { method: 'POST', headers: headersOf(provider, event, forwarding), body: event.body } as const;
    try {
      const { status } = await http(webhooks.forwardUrl, request, { deadline: webhooks.forwardTimeoutMs });
      if (status >= 200 && status < 300) return;
      cause = new Error(`the address answered ${status}`);
      if (status < 500 && status !== 408 && status !== 429) break;
    } catch (error) {
      if (error instanceof HttpFailure && error.code === 'timeout') throw noAnswer(id, error);
      cause = error;
    }
  }
  throw new GatehouseError('upstream_unreachable', 'The event could not be passed on. Send it again later.', {
    provider: id,
    cause,
  });
}

function headersOf(
  { id, environment, webhooks }: Provider & { webhooks: Webhooks },
  { body, fingerprint }: WebhookEvent,
  { contentType, signature, requestId, now }: Forwarding,
): Record<string, string> {
  return {
    ...(signature === undefined ? {} : { [webhooks.signatureHeader]: signature }),
    'content-type': contentType,
    'x-gatehouse-provider': id,
    ...(environment === undefined ? {} : { 'x-gatehouse-environment': environment }),
    'x-gatehouse-event': fingerprint,
    'x-request-id': requestId,
    ...signedBy(webhooks.forwardSecrets, fingerprint, new Date(now()), body),
  };
}

/** Standard Webhooks 1.0: every secret signs, so that the address may change from one to the other. */
function signedBy(secrets: readonly string[], id: string, at: Date, body: Buffer): Record<string, string> {
  if (secrets.length === 0) return {};
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
  };
}

function noAnswer(provider: string, cause: unknown): GatehouseError {
  const detail = 'The event was passed on, and no answer came in time. Send it again later.';
  return new GatehouseError('upstream_timeout', detail, { provider, cause });
}
