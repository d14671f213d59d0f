import type { CustomFetchOptions } from 'openid-client';
import { parseExactObject } from '../exact-json.js';
import type { HttpAnswer, HttpClient, HttpRequest } from '../http/client.js';
import type { Provider } from '../providers/provider.js';
import { askApi } from './api-request.js';
import { writeParameters } from './token-request.js';

/** A token that is to end. */
export interface DoomedToken {
  token: string;
  kind: 'access_token' | 'refresh_token';
  /** The access token of the same set, where the API itself is asked. */
  accessToken: string;
}

/** The request of RFC 7009 that openid-client put together, written as the provider file says. */
export function writeRevocation(
  address: string,
  { headers, body }: CustomFetchOptions,
  provider: Provider,
  doomed: DoomedToken,
): HttpRequest & { url: string } {
  const { method, format, path = '', headers: own } = provider.revocation.request;
  const standard = new Map(body instanceof URLSearchParams ? body : []);
  const instead = parametersOf(provider, doomed);
  if (instead) for (const name of ['token', 'token_type_hint']) standard.delete(name);
  const parameters = new Map([...standard, ...Object.entries(instead ?? {})]);
  const below =
    path === '' ? address : `${address.replace(/\/$/, '')}${filled(path, provider, doomed, encodeURIComponent)}`;
  const written = writeParameters(below, parameters, format, { ...headers, accept: 'application/json', ...own });
  const { url, headers: sent, body: text } = written;
  return { url, method, headers: sent, ...(text === '' && method === 'GET' ? {} : { body: text }) };
}

/** A call to the API, authorized by the access token, that ends the grant. */
export function revokeAtApi(http: HttpClient, provider: Provider, doomed: DoomedToken): Promise<HttpAnswer> {
  const { method, format, path = '', headers } = provider.revocation.request;
  const parameters = new Map(Object.entries(parametersOf(provider, doomed) ?? {}));
  const base = 'https://path.invalid';
  const place = `${base}${filled(path, provider, doomed, encodeURIComponent)}`;
  const { url, headers: sent, body } = writeParameters(place, parameters, format, headers);
  const isEmpty = parameters.size === 0 || body === '';
  const request = { method, path: url.slice(base.length), ...(isEmpty ? {} : { body }) };
  return askApi(http, provider, request, doomed.accessToken, { headers: isEmpty ? headers : sent });
}

function parametersOf(provider: Provider, doomed: DoomedToken): Record<string, string> | undefined {
  const { parameters } = provider.revocation.request;
  if (!parameters) return undefined;
  const entries = Object.entries(parameters);
  return Object.fromEntries(entries.map(([name, text]) => [name, filled(text, provider, doomed, (value) => value)]));
}

function filled(
  text: string,
  { clientId }: Provider,
  { token }: DoomedToken,
  write: (value: string) => string,
): string {
  return text.replaceAll('{token}', () => write(token)).replaceAll('{client_id}', () => write(clientId));
}

/**
 * RFC 7009 section 2.2: a token that the server does not know, or knows no longer, is revoked. A success whose JSON says that
 * it is none (`ok: false`, an `error`) is none.
 */
export function saysRevoked({ status, headers, body }: HttpAnswer): boolean {
  const said = parseExactObject(body);
  const { error } = said ?? {};
  if (status >= 200 && status < 300)
    return said?.['ok'] !== false && (error == null || error === '' || error === false);
  if (status < 400 || status >= 500) return false;
  const challenge = headers.get('www-authenticate') ?? '';
  return error === 'invalid_token' || /\berror="?invalid_token\b/.test(challenge);
}
