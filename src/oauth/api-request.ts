import type { Provider } from '../providers/provider.js';
import type { ApiRequest } from '../providers/schema.js';
import { strikeToken, withParameters, type OwnParameter } from '../http/query-parameters.js';
import type { HttpAnswer, HttpClient, HttpLimits } from '../http/client.js';

/** A small call of our own to the provider's API, such as reading the account's name. Throws HttpFailure. */
export async function askApi(
  http: HttpClient,
  { api, clientCertificate }: Provider,
  { method = 'GET', path, body }: ApiRequest,
  accessToken: string,
  { headers: more = {}, deadline = 5_000, size }: { headers?: Record<string, string> } & Partial<HttpLimits> = {},
): Promise<HttpAnswer> {
  const target = `${api.baseUrl.href.replace(/\/$/, '')}${path}`;
  const { url, sent, tokenHeaders } = carryToken(api, target, accessToken);
  const headers = {
    accept: 'application/json',
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...Object.fromEntries(Object.entries(api.headers).map(([name, value]) => [name.toLowerCase(), value])),
    ...more,
    ...tokenHeaders,
  };
  const answer = await http(
    url,
    {
      method: verbs.find((each) => each === method) ?? 'GET',
      headers,
      certificate: api.certificate ? clientCertificate : undefined,
      ...(body === undefined ? {} : { body }),
    },
    { deadline, ...(size === undefined ? {} : { size }) },
  );
  return sent ? { ...answer, headers: withoutToken(answer.headers, sent) } : answer;
}

/** The address and the headers of a request with its token, where the provider file says that tokens stand. */
export function carryToken(
  { token }: Pick<Provider['api'], 'token'>,
  target: string,
  accessToken: string,
): { url: string; sent: OwnParameter | undefined; tokenHeaders: Record<string, string> } {
  if (!('parameter' in token))
    return { url: target, sent: undefined, tokenHeaders: { [token.header.toLowerCase()]: token.value(accessToken) } };
  const sent: OwnParameter = [token.parameter, accessToken];
  return { url: withParameters(target, [sent]), sent, tokenHeaders: {} };
}

const verbs = ['POST', 'PUT', 'DELETE'] as const;

/** The address that holds the token may be repeated in a Link or a Location. */
function withoutToken(headers: Headers, sent: OwnParameter): Headers {
  const raw = [...headers].flat();
  strikeToken(raw, sent);
  return new Headers(raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] ?? ''] as [string, string]] : [])));
}
