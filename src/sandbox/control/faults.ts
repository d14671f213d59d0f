import { setTimeout as wait } from 'node:timers/promises';
import type { Response } from 'express';
import type { ProviderId } from '../provider-ids.js';
import type { World } from '../state/world.js';

/** Waits and answers as the switches of `provider` say. True: the answer was given, nothing is left to do. */
export async function faultAnswered(
  { switches, clock }: World,
  provider: ProviderId,
  at: 'token_status' | 'api_status',
  res: Response,
): Promise<boolean> {
  const slow = switches.number(provider, 'slow');
  if (slow > 0) await wait(slow, undefined, { ref: false });
  switch (switches.choice(provider, at)) {
    case '429':
      res.status(429).set(at === 'api_status' ? exhausted(provider, clock.seconds()) : retryLater);
      res.json({ error: 'too_many_requests', error_description: 'Slow down' });
      return true;
    case '500':
      res.status(500).json({ error: 'server_error', error_description: 'Something broke here' });
      return true;
    case '502':
      res.status(502).type('html').send('<!doctype html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>');
      return true;
    case 'reset':
      res.socket?.destroy();
      return true;
    default:
      return false;
  }
}

const retryLater = { 'Retry-After': '7' };

/** How each API says that nothing is left: seconds to go, or the second since the epoch at which it counts anew. */
function exhausted(provider: ProviderId, now: number): Record<string, string> {
  switch (provider) {
    case 'request-finance':
    case 'request-finance-m2m':
      return {
        ...retryLater,
        'X-Rate-Limit-Limit': '15000',
        'X-Rate-Limit-Remaining': '0',
        'X-Rate-Limit-Reset': '7',
      };
    case 'financefeast':
      return {
        'x-ratelimit-limit': '10000',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': (now + 7).toString(),
      };
    default:
      return retryLater;
  }
}

/** The lifetime of a new access token in seconds, and the moment of its end, after the switches. */
export function lifetime({ switches, clock }: World, provider: ProviderId, usual: number) {
  const seconds = switches.number(provider, 'lifetime') || usual;
  const issuedAt = clock.seconds();
  return { seconds, issuedAt, expiresAt: switches.flag(provider, 'expired') ? issuedAt - 1 : issuedAt + seconds };
}

/** The `expires_in` member as the switch wants it written. */
export function expiresIn(
  { switches }: World,
  provider: ProviderId,
  seconds: number,
): { expires_in?: string | number } {
  switch (switches.choice(provider, 'expires_in')) {
    case 'text':
      return { expires_in: seconds.toString() };
    case 'absent':
      return {};
    case 'junk':
      return { expires_in: 'soon' };
    default:
      return { expires_in: seconds };
  }
}
