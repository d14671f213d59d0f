import type { Provider } from '../providers/provider.js';
import type { ApiRequest } from '../providers/schema.js';
import type { HttpAnswer, HttpClient, HttpLimits } from '../http/client.js';

/** A small call of our own to the provider's API, such as reading the account's name. Throws HttpFailure. */
export function askApi(
  http: HttpClient,
  { api }: Provider,
  { method = 'GET', path, body }: ApiRequest,
  accessToken: string,
  { headers: more = {}, deadline = 5_000, size }: { headers?: Record<string, string> } & Partial<HttpLimits> = {},
): Promise<HttpAnswer> {
  const base = api.baseUrl.href.replace(/\/$/, '');
  const headers = {
    accept: 'application/json',
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...Object.fromEntries(Object.entries(api.headers).map(([name, value]) => [name.toLowerCase(), value])),
    ...more,
    authorization: `Bearer ${accessToken}`,
  };
  const verb = method === 'POST' ? 'POST' : 'GET';
  return http(
    `${base}${path}`,
    { method: verb, headers, ...(body === undefined ? {} : { body }) },
    { deadline, ...(size === undefined ? {} : { size }) },
  );
}
