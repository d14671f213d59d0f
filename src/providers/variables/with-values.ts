import type { Provider } from '../provider.js';
import { fillProvider } from './fill-provider.js';
import { judgeAll, type StoredValues } from './provider-variables.js';

/** What was filled for a record, as long as the record is remembered: a call fills nothing. */
const filled = new WeakMap<StoredValues, Provider>();

/**
 * The provider as a connection with these values sees it: its addresses, headers and parameters are filled. What cannot be
 * filled leads nowhere. `provider` may be filled with other values already.
 */
export function withValues(provider: Provider, stored: StoredValues | undefined): Provider {
  const { variables } = provider;
  if (!variables) return provider;
  const base = provider.unfilled ?? provider;
  const known = stored && filled.get(stored);
  if (known?.unfilled === base) return known;
  const values = judgeAll(variables, stored ?? {});
  const whole = { ...(values ? fillProvider(base, variables, values) : base), unfilled: base };
  if (stored) filled.set(stored, whole);
  return whole;
}

/** The first name whose value today's file does not take, or which is needed and missing. Undefined: a call can be made. */
export function lackingValue({ variables }: Provider, stored: StoredValues | undefined): string | undefined {
  if (!variables) return undefined;
  const { declared, needed } = variables;
  for (const [name, variable] of declared) {
    const raw = stored && Object.hasOwn(stored, name) ? stored[name] : variable.default;
    if (raw === undefined ? needed.has(name) : !judgeAll(variables, { [name]: raw })?.has(name)) return name;
  }
  return undefined;
}

/** The values that tell accounts apart: all but origins that may follow. */
export function isSameAccountByValues(
  { variables }: Provider,
  one: StoredValues | undefined,
  other: StoredValues | undefined,
): boolean {
  const told = [...(variables?.declared.values() ?? [])].filter(({ follow }) => !follow);
  return told.every(({ name, default: usual }) => (one?.[name] ?? usual) === (other?.[name] ?? usual));
}

/** What the front end may see; undefined where the file has no variables. */
export function publicValues(
  { variables }: Provider,
  stored: StoredValues | undefined,
): Record<string, string> | undefined {
  if (!variables) return undefined;
  const shown = [...variables.declared.values()].flatMap((variable) => {
    const value = stored?.[variable.name] ?? variable.default;
    return variable.public && value !== undefined ? [[variable.name, value] as const] : [];
  });
  return Object.fromEntries(shown);
}
