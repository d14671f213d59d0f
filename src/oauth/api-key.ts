import { GatehouseError } from '../errors.js';
import type { HttpClient } from '../http/client.js';
import { HttpFailure } from '../http/failure.js';
import { parseExactJson } from '../exact-json.js';
import { atPointer } from '../json-pointer.js';
import type { Provider } from '../providers/provider.js';
import { accountOf } from './account.js';
import { askApi } from './api-request.js';
import type { Redeemed } from './redeem.js';
import { wholeSecond } from './token-set.js';

/** What a header can carry (RFC 6750 section 2.1 is narrower still). */
export function isApiKey(text: string): boolean {
  return /^[\x21-\x7e]{1,4096}$/.test(text);
}

/**
 * Tries a key that a person gave once, by the call that names its account. Undefined where the API does not accept it. Throws
 * GatehouseError upstream_unreachable or upstream_invalid_response where that cannot be known.
 */
export async function tryApiKey(
  http: HttpClient,
  provider: Provider,
  key: string,
  now: number,
): Promise<Redeemed | undefined> {
  const { account, api } = provider;
  const request = account.source === 'api' ? (account.request ?? api.authProbe) : api.authProbe;
  const answer = await askApi(http, provider, request ?? { path: '/' }, key).catch((error: unknown) => {
    throw error instanceof HttpFailure ? failure('upstream_unreachable', provider, error) : error;
  });
  const { status, body } = answer;
  if (status === 401 || status === 403 || api.authFailureStatus.includes(status)) return undefined;
  if (status < 200 || status > 299) throw failure('upstream_invalid_response', provider);
  const tokens = {
    accessToken: key,
    scopes: provider.scopes,
    obtainedAt: wholeSecond(now),
    expirySource: 'default' as const,
  };
  const found = account.source === 'api' ? atPointer(parse(body, provider), account.pointer) : undefined;
  return { tokens, account: accountOf(provider, found) };
}

function parse(body: string, provider: Provider): unknown {
  try {
    return parseExactJson(body);
  } catch (error) {
    throw failure('upstream_invalid_response', provider, error);
  }
}

function failure(
  code: 'upstream_unreachable' | 'upstream_invalid_response',
  provider: Provider,
  cause?: unknown,
): GatehouseError {
  const detail = `${provider.name} did not say whether it accepts the key. Try again in a moment.`;
  return new GatehouseError(code, detail, { provider: provider.id, cause });
}
