import type { ProviderFileBody } from '../schema.js';
import type { Variable } from '../sections/variables.js';
import { parseAddress, type AddressTemplate } from './address-template.js';
import { hostRules, type HostRule } from './host-rules.js';
import { placeholders } from './placeholder.js';
import { placesOf } from './places.js';
import { judge, type Value, type Values } from './value.js';
import { declaredVariables } from './variable-problems.js';

/** What a provider's connections differ in, parsed once. */
export interface ProviderVariables {
  readonly declared: ReadonlyMap<string, Variable>;
  /** By the path of their key, as in `endpoints.token`. */
  readonly addresses: ReadonlyMap<string, AddressTemplate>;
  /** The hosts that a value can lead to, and those that the file writes out. */
  readonly hosts: readonly HostRule[];
  readonly writtenHosts: readonly string[];
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
    hosts: addresses.flatMap(([, template]) => hostRules(template, declared)),
    writtenHosts: writtenHosts(body),
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

/** The hosts of the addresses that stand in the file as they are. */
function writtenHosts(body: ProviderFileBody): string[] {
  const addresses = placesOf(body).flatMap(({ kind, text }) => (kind === 'address' ? [text] : []));
  return [...addresses, body.issuer].flatMap((address) => {
    const host = /^https?:\/\/[^/?#{}]+(?=[/?#]|$)/i.exec(address ?? '')?.[0];
    return host !== undefined && URL.canParse(host) ? [new URL(host).hostname] : [];
  });
}
