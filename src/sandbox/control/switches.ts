import type { ProviderId } from '../provider-ids.js';
import { definitions, startOf, type Definition, type SwitchName, type SwitchValue } from './switch-definitions.js';

/** The faults and habits that are set now, for every provider. */
export interface Switches {
  flag(provider: ProviderId, name: SwitchName): boolean;
  number(provider: ProviderId, name: SwitchName): number;
  choice(provider: ProviderId, name: SwitchName): string;
  /** Sets all or none; throws SwitchError for a name or a value that does not exist at this provider. */
  set(provider: ProviderId, values: Readonly<Record<string, unknown>>): void;
  of(provider: ProviderId): Record<string, SwitchValue>;
  reset(): void;
}

export class SwitchError extends Error {
  override readonly name = 'SwitchError';
}

export function createSwitches(providers: readonly ProviderId[]): Switches {
  const values = new Map<ProviderId, Map<string, SwitchValue>>();
  const reset = () => {
    for (const provider of providers) values.set(provider, defaultsOf(provider));
  };
  reset();
  const get = (provider: ProviderId, name: SwitchName) => values.get(provider)?.get(name);
  return {
    flag: (provider, name) => get(provider, name) === true,
    number: (provider, name) => Number(get(provider, name) ?? 0),
    choice: (provider, name) => String(get(provider, name) ?? 'off'),
    set(provider, wanted) {
      const parsed = Object.entries(wanted).map(([name, value]) => [name, parse(provider, name, value)] as const);
      for (const [name, value] of parsed) values.get(provider)?.set(name, value);
    },
    of: (provider) => Object.fromEntries(values.get(provider) ?? []),
    reset,
  };
}

/** The switches that a provider has, with their definitions. */
export function switchesOf(provider: ProviderId): [SwitchName, Definition][] {
  return (Object.entries(definitions) as [SwitchName, Definition][]).filter(
    ([, definition]) => startOf(definition, provider) !== undefined,
  );
}

function defaultsOf(provider: ProviderId): Map<string, SwitchValue> {
  return new Map(switchesOf(provider).map(([name, definition]) => [name, startOf(definition, provider) ?? false]));
}

function parse(provider: ProviderId, name: string, value: unknown): SwitchValue {
  const definition = switchesOf(provider).find(([known]) => known === name)?.[1];
  if (!definition) throw new SwitchError(`${provider} has no switch of this name`);
  if (definition.kind === 'flag') {
    if (value === true || value === 'true' || value === 'on') return true;
    if (value === false || value === 'false' || value === 'off') return false;
    throw new SwitchError(`${name} is true or false`);
  }
  if (definition.kind === 'number') {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= definition.most)
      return number;
    throw new SwitchError(`${name} is a whole number from 0 to ${definition.most}`);
  }
  const text = typeof value === 'number' ? value.toString() : value;
  const known = definition.values.find((one) => one === text);
  if (known === undefined) throw new SwitchError(`${name} is one of ${definition.values.join(', ')}`);
  return known;
}
