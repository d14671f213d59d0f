import type { Entry } from './entry.js';

/** The provider file that says the same, as it would be written by hand, and what no key is there for. */
export interface Translation {
  file: Record<string, unknown>;
  why: readonly string[];
}

/** Parameters that the grant itself is made of: Gatehouse sets them. */
const ofTheGrant = new Set([
  ...['client_id', 'client_secret', 'code', 'redirect_uri', 'refresh_token', 'code_verifier', 'scope', 'response_mode'],
]);

export function translate(name: string, entry: Entry): Translation {
  const why: string[] = [];
  const used = new Map<string, Use>();
  const fill = (written: string, place: Place) => withPlaceholders(written, place, used, why);
  const address = (written: unknown, place: Place) => (typeof written === 'string' ? fill(written, place) : undefined);
  if (entry.authorization_code_param_in_webhook) why.push('the code comes in a webhook, not to the browser');
  if (typeof entry.token_url !== 'string') why.push('there are several token endpoints');
  const { headers, token } = headersOf(entry, fill, why);
  const separator = entry.scope_separator ?? ' ';
  if (![' ', '+', ','].includes(separator)) why.push(`scopes are separated by ${JSON.stringify(separator)}`);
  const file: Record<string, unknown> = {
    id: name
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^[^a-z]+/, 'x')
      .slice(0, 32),
    name: entry.display_name ?? name,
    client_authentication: isBasic(entry) ? 'client_secret_basic' : 'client_secret_post',
    endpoints: without({
      authorization: address(entry.authorization_url, 'endpoint'),
      token: address(entry.token_url, 'endpoint'),
      refresh: address(entry.refresh_url, 'endpoint'),
    }),
    authorization: authorizationOf(entry, fill),
    token: tokenOf(entry, fill),
    scope_separator: separator === ',' ? 'comma' : 'space',
    revocation: { token: 'off' },
    api: without({ base_url: address(entry.proxy?.base_url, 'api'), headers, token }),
  };
  return { file: { ...file, variables: variablesOf(entry, used, why) }, why };
}

type Place = 'endpoint' | 'api' | 'text';
type Fill = (written: string, place: Place) => string;

/** How a value of the connection is used. */
interface Use {
  written: string;
  inHost: boolean;
  isWholeHost: boolean;
}

/** `${connectionConfig.x}` as `{x}`. Of alternatives the first is taken: the one that needs the value. */
function withPlaceholders(written: string, place: Place, used: Map<string, Use>, why: string[]): string {
  const [first = ''] = written.split(' || ');
  return first
    .replace(
      /^(https?:\/\/)?\$\{connectionConfig\.([\w.-]+)\}(?=\/|$)/,
      (found, scheme: string | undefined, key: string) =>
        place === 'text' ? found : `${scheme ?? 'https://'}\${connectionConfig.${key}}`,
    )
    .replace(/\$\{([^}]*)\}/g, (_, inner: string, at: number, whole: string) => {
      const key = /^connectionConfig\.([\w.-]+)$/.exec(inner)?.[1];
      if (key === undefined) {
        why.push(`\${${inner}} has no place in a provider file`);
        return '';
      }
      const name = variableName(key);
      const host = place === 'text' ? '' : (/^https?:\/\/([^/?#]*)/.exec(whole)?.[1] ?? '');
      const inHost = host.includes(`\${${inner}}`) && at < whole.indexOf(host) + host.length;
      const before = used.get(name);
      used.set(name, {
        written: key,
        inHost: inHost || before?.inHost === true,
        isWholeHost: host === `\${${inner}}` || before?.isWholeHost === true,
      });
      return `{${name}}`;
    });
}

function variableName(key: string): string {
  const words = key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[^A-Za-z0-9]+/g, '_');
  return words
    .toLowerCase()
    .replace(/^[^a-z]+/, '')
    .slice(0, 32);
}

function variablesOf(entry: Entry, used: ReadonlyMap<string, Use>, why: string[]): Record<string, unknown> {
  const told = new Map((entry.token_response_metadata ?? []).map((path) => [path, `/${path.replaceAll('.', '/')}`]));
  const made = [...used].map(([name, { written, inHost, isWholeHost }]) => {
    const { pattern, automated } = entry.connection_config?.[written] ?? {};
    const kind = kindOf(pattern, inHost);
    const pointer = told.get(written);
    // Whoever writes the file knows below which name such servers lie.
    if (pointer !== undefined && isWholeHost)
      return [name, { from: 'token_answer', pointer, origin_within: ['.example.com'] }];
    if (pointer !== undefined) return [name, { from: 'token_answer', pointer, ...kind }];
    if (entry.redirect_uri_metadata?.includes(written))
      return [name, { from: 'callback', parameter: written, ...kind }];
    if (automated === true) why.push(`${written} is found out by a program after the connection`);
    return [name, { from: 'caller', label: written, ...kind }];
  });
  return Object.fromEntries(made) as Record<string, unknown>;
}

/** A list of texts where the pattern is one, else a pattern: of a DNS label in a host. */
function kindOf(pattern: string | undefined, inHost: boolean): Record<string, unknown> {
  const list = /^\^?\(?(?:\?:)?([\w.-]+(?:\|[\w.-]+)+)\)?\$?$/.exec(pattern ?? '')?.[1]?.split('|');
  if (list) return { values: Object.fromEntries(list.map((each) => [each, each])) };
  return { pattern: inHost ? '[a-z0-9][a-z0-9-]{0,61}' : '[\\w.~-]{1,200}' };
}

function authorizationOf(entry: Entry, fill: Fill): Record<string, unknown> {
  const parameters = Object.entries(entry.authorization_params ?? {});
  const names = Object.entries(entry.authorization_url_replacements ?? {}).map(([from, to]) => [
    from.replace(/=$/, ''),
    to.replace(/=$/, ''),
  ]);
  const type = parameters.find(([name]) => name === 'response_type')?.[1];
  const code = entry.authorization_code_param_in_callback;
  return without({
    pkce: entry.disable_pkce === true ? 'off' : undefined,
    parameters: parametersOf(
      parameters.filter(([name]) => name !== 'response_type'),
      fill,
    ),
    names: names.length > 0 ? Object.fromEntries(names.filter(([, to]) => to !== '')) : undefined,
    response_type: type === undefined || type === 'code' ? undefined : type,
    response: code === undefined ? undefined : { code },
    fragment: entry.authorization_url_fragment?.replace(/^#/, ''),
  });
}

function tokenOf(entry: Entry, fill: Fill): Record<string, unknown> {
  const usual = new Map([
    ['code', 'authorization_code'],
    ['refresh', 'refresh_token'],
  ]);
  const further = (part: 'code' | 'refresh', given: Readonly<Record<string, string>> | undefined) =>
    parametersOf(
      Object.entries(given ?? {}).filter(([name, value]) => name !== 'grant_type' || value !== usual.get(part)),
      fill,
    );
  const path = entry.alternate_access_token_response_path;
  return without({
    request: without({
      format: entry.body_format === 'json' ? 'json' : undefined,
      code: further('code', entry.token_params),
      refresh: further('refresh', entry.refresh_params),
    }),
    answer: path === undefined ? undefined : { access_token: `/${path.replaceAll('.', '/')}/access_token` },
    renew_before: entry.token_expiration_buffer,
  });
}

function parametersOf(given: readonly (readonly [string, string])[], fill: Fill): Record<string, string> | undefined {
  const kept = given.filter(([name]) => !ofTheGrant.has(name));
  return kept.length === 0 ? undefined : Object.fromEntries(kept.map(([name, value]) => [name, fill(value, 'text')]));
}

/** The fixed headers of calls, and where the token goes if that is not Authorization. */
function headersOf(entry: Entry, fill: Fill, why: string[]): { headers?: Record<string, unknown>; token?: unknown } {
  const headers: Record<string, unknown> = {};
  let token: unknown;
  for (const [name, value] of Object.entries(entry.proxy?.headers ?? {})) {
    const scheme = /^(?:(\S+) )?\$\{accessToken\}$/.exec(value);
    if (scheme) {
      const isUsual = name.toLowerCase() === 'authorization' && scheme[1] === 'Bearer';
      if (!isUsual) token = without({ header: name, scheme: scheme[1] });
    } else if (value.includes('${accessToken}')) why.push(`the header ${name} has the token within a longer text`);
    else if (/^\$\{clientId\}|\$\{clientSecret\}/.test(value)) headers[name] = { secret: 'API_KEY' };
    else headers[name] = fill(value, 'text');
  }
  for (const [name, value] of Object.entries(entry.proxy?.query ?? {})) {
    if (value === '${accessToken}') token = { query: name, echo: 'none' };
    else why.push(`every call has the parameter ${name}`);
  }
  return { ...(Object.keys(headers).length > 0 && { headers }), ...(token !== undefined && { token }) };
}

function isBasic({ token_request_auth_method: method, authorization_method: other }: Entry): boolean {
  return method === 'basic' || other === 'header';
}

/** Without the members that are not there. */
function without(all: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
