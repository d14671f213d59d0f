import { setTimeout as wait } from 'node:timers/promises';
import { GatehouseError } from '../errors.js';
import type { HttpClient } from '../http/client.js';
import type { Provider, Webhooks } from '../providers/provider.js';
import type { WebhookEvent } from './read-event.js';
import { stillUnderWay } from './still-under-way.js';

/** Milliseconds before each attempt. Providers wait only a few seconds for an answer. */
const attempts = [0, 250, 1_000];
/** Milliseconds for one attempt. */
const deadline = 3_000;

/**
 * Sends a verified event to the operator's address: the raw body, its type and headers of our own, nothing else. No redirect
 * is followed. Throws GatehouseError upstream_unreachable when the address takes it at none of three attempts,
 * and store_unavailable when the claim on the event was lost before one.
 */
export async function passOn(
  http: HttpClient,
  { id, environment, webhooks }: Provider & { webhooks: Webhooks },
  { body, fingerprint }: WebhookEvent,
  { contentType, requestId, isHeld }: { contentType: string; requestId: string; isHeld: () => boolean },
): Promise<void> {
  const headers = {
    'content-type': contentType,
    'x-gatehouse-provider': id,
    ...(environment === undefined ? {} : { 'x-gatehouse-environment': environment }),
    'x-gatehouse-event': fingerprint,
    'x-request-id': requestId,
  };
  let cause: unknown;
  for (const pause of attempts) {
    await wait(pause);
    if (!isHeld()) throw stillUnderWay(id);
    try {
      const { status } = await http(webhooks.forwardUrl, { method: 'POST', headers, body }, { deadline });
      if (status >= 200 && status < 300) return;
      cause = new Error(`the address answered ${status}`);
      if (status < 500 && status !== 408 && status !== 429) break;
    } catch (error) {
      cause = error;
    }
  }
  throw new GatehouseError('upstream_unreachable', 'The event could not be passed on. Send it again later.', {
    provider: id,
    cause,
  });
}
