import { errorOf, GatehouseError } from './gatehouse-error.js';
import type { Session } from './types.js';

/** Where Gatehouse answers: the folder that this module came from. */
export const base: URL = new URL('.', import.meta.url);

/** The address of one of its paths, relative to `base`. */
export const addressOf = (path: string): string => new URL(path, base).href;

/** A provider id as part of a path: nothing else may lead out of its folder. */
export function checkedProvider(provider: string): string {
  if (/^[a-z][a-z0-9-]{0,31}$/.test(provider)) return provider;
  throw new GatehouseError({ code: 'unknown_provider', detail: 'This is not the id of a provider.', status: 404 });
}

/** Whether a key names one connection, and not a provider, which means the only one there. */
export const isConnectionId = (key: string): boolean => /^con_[0-9A-Za-z]{22}$/.test(key);

/** A connection's id or a provider's, as part of a path. */
export const checkedKey = (key: string): string => (isConnectionId(key) ? key : checkedProvider(key));

/** A call of Gatehouse's own API. Throws GatehouseError for every answer but a success. */
export async function call(method: string, path: string, body?: object): Promise<unknown> {
  const answer = await globalThis.fetch(addressOf(path), {
    method,
    credentials: 'include',
    cache: 'no-store',
    headers: {
      Accept: 'application/json',
      ...(method === 'GET' ? {} : { 'X-CSRF': '1' }),
      ...(body ? { 'Content-Type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (answer.ok)
    return answer.json().catch(() => {
      throw new GatehouseError({ code: 'unexpected_answer', status: answer.status });
    });
  throw await errorOf(answer);
}

let reading: Promise<Session> | undefined;

/** The session and its connections as they are now. Callers at the same moment share one request. */
export function session(): Promise<Session> {
  const mine = (reading ??= (call('GET', 'api/session') as Promise<Session>).finally(() => {
    if (reading === mine) reading = undefined;
  }));
  return mine;
}

/** The same, asked after this moment. */
export function sessionFromNow(): Promise<Session> {
  reading = undefined;
  return session();
}
