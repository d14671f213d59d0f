import { compact } from '../../compact.js';
import type { Provider } from '../provider.js';
import type { TokenExchange } from '../sections/token-exchange.js';
import { encodePart, fillAddress } from './address-template.js';
import { placeholders } from './placeholder.js';
import type { ProviderVariables } from './provider-variables.js';
import type { Values } from './value.js';

/**
 * The provider as a connection with these values sees it. What names a value that is not known yet stays an address at which
 * nothing is, or is left out.
 */
export function fillProvider(provider: Provider, variables: ProviderVariables, values: Values): Provider {
  const { addresses, production } = variables;
  const address = (key: string): URL | undefined => {
    const template = addresses.get(key);
    return template && fillAddress(template, values, { production });
  };
  const path = <T extends { path: string }>(request: T): T => ({ ...request, path: fillPath(request.path, values) });
  const { api, account, organizations, authorization, token, revocation } = provider;
  const endpoints = Object.entries(provider.endpoints).map(([name, written]) => [
    name,
    address(`endpoints.${name}`)?.href ?? written,
  ]);
  return {
    ...provider,
    endpoints: Object.fromEntries(endpoints) as Provider['endpoints'],
    api: {
      ...api,
      baseUrl: address('api.base_url') ?? api.baseUrl,
      headers: fillTexts(variables, api.headers, values),
      ...(api.authProbe ? { authProbe: path(api.authProbe) } : {}),
      examples: api.examples.map(path),
    },
    authorization: {
      ...authorization,
      parameters: fillTexts(variables, authorization.parameters, values),
      reconsent: fillTexts(variables, authorization.reconsent, values),
      another: fillTexts(variables, authorization.another, values),
    },
    token: {
      ...token,
      parameters: fillTexts(variables, token.parameters, values),
      request: {
        ...token.request,
        headers: fillTexts(variables, token.request.headers, values),
        code: fillTexts(variables, token.request.code, values),
        refresh: fillTexts(variables, token.request.refresh, values),
      },
      ...(token.exchange ? { exchange: fillExchange(variables, token.exchange, address, values) } : {}),
    },
    revocation: { ...revocation, request: fillRevocation(variables, revocation.request, values) },
    account: { ...account, ...(account.request ? { request: path(account.request) } : {}) },
    ...(organizations ? { organizations: { ...organizations, request: path(organizations.request) } } : {}),
  };
}

/** Names that are no values stay: they are those of an example's `look_up`. */
function fillPath(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (written, name: string) => {
    const value = values.get(name);
    return value ? encodePart(value) : written;
  });
}

function fillExchange(
  variables: ProviderVariables,
  exchange: TokenExchange,
  address: (key: string) => URL | undefined,
  values: Values,
): TokenExchange {
  const { first, renew } = exchange;
  const filled = address('token.exchange.endpoint')?.href;
  const [endpoint, renewal] = [filled ?? first.endpoint, address('token.exchange.renew.endpoint')?.href];
  return {
    ...exchange,
    parameters: fillTexts(variables, exchange.parameters, values),
    first: { ...first, ...compact({ endpoint }) },
    renew: {
      ...renew,
      ...compact({ endpoint: renewal ?? (renew.endpoint === first.endpoint ? endpoint : renew.endpoint) }),
    },
  };
}

/** `{token}` and `{client_id}` stay: they are filled when the request is made. */
function fillRevocation(
  variables: ProviderVariables,
  request: Provider['revocation']['request'],
  values: Values,
): Provider['revocation']['request'] {
  const { path, parameters, headers } = request;
  const own = Object.entries(parameters ?? {}).map(([name, text]) => [name, fillText(text, values)]);
  return {
    ...request,
    headers: fillTexts(variables, headers, values),
    ...(path === undefined ? {} : { path: fillPath(path, values) }),
    ...(parameters ? { parameters: Object.fromEntries(own) as Record<string, string> } : {}),
  };
}

/** Headers and parameters. One that names a value which is not known is left out. */
function fillTexts(
  { declared }: ProviderVariables,
  texts: Readonly<Record<string, string>>,
  values: Values,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) => {
      // A secret of the operator's may have braces, too.
      const names = placeholders(text).filter((each) => declared.has(each));
      if (names.length === 0) return [[name, text]];
      return names.every((each) => values.has(each)) ? [[name, fillText(text, values)]] : [];
    }),
  );
}

function fillText(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (written, name: string) => values.get(name)?.text ?? written);
}
