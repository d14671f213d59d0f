/* Fills in the places in a call's path that an earlier answer names, such as the newest invoice's id. */
import { filledPath, isPathValue } from './paging.js';
import { at } from './rows.js';

/** @import { Call, ExampleCall } from '../types.js' */

/**
 * The call with its path filled in; `{ nothing }` names the call that did not tell what to put there.
 * @param {Call} call
 * @param {ExampleCall['look_up']} places
 * @param {{ proxy: string, signal: AbortSignal }} options
 * @returns {Promise<Call | { nothing: string }>}
 */
export async function lookedUp(call, places = {}, { proxy, signal }) {
  /** @type {Record<string, string | number>} */
  const values = {};
  for (const [name, { path, value }] of Object.entries(places)) {
    const headers = { accept: 'application/json', 'x-csrf': '1' };
    const response = await fetch(proxy + path, { headers, signal });
    const answer = response.ok ? await response.json().catch(() => undefined) : undefined;
    const found = answer === undefined ? undefined : at(answer, value);
    if (!isPathValue(found)) return { nothing: path };
    values[name] = found;
  }
  return { ...call, path: filledPath(call.path, values) };
}
