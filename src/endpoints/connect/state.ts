import { createHmac, randomBytes } from 'node:crypto';
import type { Request } from 'express';
import { currentSession } from '../../middleware/session.js';
import type { Provider } from '../../providers/provider.js';
import { isSameSecret } from '../../is-same-secret.js';

/*
 * A state is 128 random bits and a mark of the browser id that starts with it. The stored attempt alone decides whether a
 * callback is taken. The mark serves a callback that comes when nothing is stored any more: a state that this very session
 * made is told from a foreign one, and the way back still leads home.
 */

const randomLength = 22;
const markLength = 21;

export function newState(secrets: readonly string[], provider: Provider, browserId: string): string {
  const random = randomBytes(16).toString('base64url');
  return `${random}${markOf(secrets[0] ?? '', provider, browserId, random)}`;
}

/** Whether the session that the request presents made this state. */
export function isOwnState(
  secrets: readonly string[],
  req: Request,
  provider: Provider,
  state: string | undefined,
): boolean {
  const browserId = currentSession(req)?.id.browserId;
  if (browserId === undefined || state?.length !== randomLength + markLength) return false;
  const [random, mark] = [state.slice(0, randomLength), state.slice(randomLength)];
  return secrets.some((secret) => isSameSecret(mark, markOf(secret, provider, browserId, random)));
}

function markOf(secret: string, { id }: Provider, browserId: string, random: string): string {
  const text = `gatehouse state\n${id}\n${browserId}\n${random}`;
  return createHmac('sha256', secret).update(text).digest('base64url').slice(0, markLength);
}
