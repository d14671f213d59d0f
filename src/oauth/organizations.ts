import { GatehouseError } from '../errors.js';
import type { Organizations, Provider } from '../providers/provider.js';
import { askApi } from './api-request.js';
import type { HttpClient } from '../http/client.js';
import { HttpFailure } from '../http/failure.js';
import { parseExactJson } from '../exact-json.js';
import { atPointer, memberAt } from '../json-pointer.js';

export interface ListedOrganization {
  id: string;
  name: string;
}

/**
 * The organizations that the provider lists for this token. `anotherToken` is asked once when the token itself is refused.
 * Throws GatehouseError scope_missing or upstream_….
 */
export async function listOrganizations(
  http: HttpClient,
  provider: Provider & { organizations: Organizations },
  accessToken: string,
  anotherToken?: () => Promise<string | undefined>,
): Promise<ListedOrganization[]> {
  const { request, pointer, id, name } = provider.organizations;
  const ask = (token: string) =>
    askApi(http, provider, request, token).catch((error: unknown) => {
      throw error instanceof HttpFailure ? failure('upstream_unreachable', provider, error) : error;
    });
  let answer = await ask(accessToken);
  const other = provider.api.authFailureStatus.includes(answer.status) ? await anotherToken?.() : undefined;
  if (other !== undefined) answer = await ask(other);
  if (answer.status === 401 || answer.status === 403)
    throw new GatehouseError(
      'scope_missing',
      `Permission to list organizations missing. Connect ${provider.name} again to grant it.`,
      provider.id,
    );
  if (answer.status !== 200) throw failure('upstream_invalid_response', provider);
  const list = atPointer(parse(answer.body), pointer);
  if (!Array.isArray(list)) throw failure('upstream_invalid_response', provider);
  return list.flatMap((each: unknown) => {
    const entry = typeof each === 'object' && each !== null ? (each as Record<string, unknown>) : {};
    const [key, label] = [memberAt(entry, id), name.map((member) => memberAt(entry, member)).find(isText)];
    if (typeof key !== 'string' && typeof key !== 'number') return [];
    return [{ id: String(key), name: label ?? String(key) }];
  });
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function failure(
  code: 'upstream_unreachable' | 'upstream_invalid_response',
  provider: Provider,
  cause?: unknown,
): GatehouseError {
  return new GatehouseError(code, `${provider.name} did not give a list of organizations. Try again in a moment.`, {
    provider: provider.id,
    cause,
  });
}

function parse(body: string): unknown {
  try {
    return parseExactJson(body);
  } catch {
    return undefined;
  }
}
