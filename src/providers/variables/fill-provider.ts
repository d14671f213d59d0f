import type { Provider } from '../provider.js';
import type { ProviderFileBody } from '../schema.js';
import type { Variable } from '../sections/variables.js';
import { encodePart, fillAddress, parseAddress, type AddressTemplate } from './address-template.js';
import { placeholders } from './placeholder.js';
import { placesOf } from './places.js';
import { judge, type Value, type Values } from './value.js';
import { declaredVariables } from './variable-problems.js';

/** What a provider's connections differ in, parsed once. */
export interface ProviderVariables {
  readonly declared: ReadonlyMap<string, Variable>;
  /** By the path of their key, as in `endpoints.token`. */
  readonly addresses: ReadonlyMap<string, AddressTemplate>;
  /** Every name that stands anywhere: without all of them no call is made. */
  readonly needed: ReadonlySet<string>;
  readonly production: boolean;
}

/** A value as it is stored with its connection, by the name of its variable. */
export type StoredValues = Readonly<Record<string, string>>;

/** Undefined where a file declares none. Its problems are those of `variableProblems`. */
export function resolveProviderVariables(
  body: ProviderFileBody,
  { production }: { production: boolean },
): ProviderVariables | undefined {
  const declared = declaredVariables(body);
  if (declared.size === 0) return undefined;
  const places = placesOf(body);
  const addresses = places.flatMap(({ kind, path, text }) => {
    const template = kind === 'address' && text.includes('{') ? parseAddress(text) : undefined;
    return template ? [[path.join('.'), template] as const] : [];
  });
  const needed = places.filter(({ path }) => path[0] !== 'variables').flatMap(({ text }) => placeholders(text));
  return {
    declared,
    addresses: new Map(addresses),
    needed: new Set(needed.filter((name) => declared.has(name))),
    production,
  };
}

/** The values that today's file takes. A variable with a default and without a value has its default. */
export function judgeAll({ declared, production }: ProviderVariables, stored: StoredValues): Values | undefined {
  const values = new Map<string, Value>();
  for (const [name, variable] of declared) {
    const raw = Object.hasOwn(stored, name) ? stored[name] : variable.default;
    if (raw === undefined) continue;
    const value = judge(variable, raw, { production });
    if (!value) return undefined;
    values.set(name, value);
  }
  return values;
}

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
  const { api, account, organizations, authorization, token } = provider;
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
      headers: fillTexts(api.headers, values),
      ...(api.authProbe ? { authProbe: path(api.authProbe) } : {}),
      examples: api.examples.map(path),
    },
    authorization: {
      ...authorization,
      parameters: fillTexts(authorization.parameters, values),
      reconsent: fillTexts(authorization.reconsent, values),
    },
    token: { ...token, parameters: fillTexts(token.parameters, values) },
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

/** Headers and parameters. One that names a value which is not known is left out. */
function fillTexts<T extends Readonly<Record<string, string>>>(texts: T, values: Values): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) => {
      const names = placeholders(text);
      if (names.length === 0) return [[name, text]];
      return names.every((each) => values.has(each)) ? [[name, fillText(text, values)]] : [];
    }),
  );
}

function fillText(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (written, name: string) => values.get(name)?.text ?? written);
}
