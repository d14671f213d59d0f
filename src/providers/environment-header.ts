import { mergeTrees } from './merge.js';
import type { ProviderFile } from './schema.js';
import type { SecretReference } from './secret-value.js';
import type { SectionProblem } from './sections/problem.js';

type Value = string | SecretReference | null;
type Headers = Readonly<Record<string, Value>>;

/**
 * The guard rail between test and live: where a header tells the environments apart, a registration of one of them never
 * sends the value of another, neither from the environment's own keys nor from those above them, and never goes without.
 * A header in two spellings is refused as well, since both would be sent.
 */
export function headerProblems({ api, environments }: ProviderFile, environment: string | undefined): SectionProblem[] {
  const chosen = environment === undefined ? undefined : environments?.[environment]?.api;
  const layers: Headers[] = [api?.headers ?? {}, chosen?.headers ?? {}];
  const sent = mergeTrees(layers[0] ?? {}, layers[1] ?? {}) as Headers;
  const problems: SectionProblem[] = [];
  const refuse = (what: string, remedy: string) => problems.push({ what, remedy });

  const spellings = new Map<string, string>();
  for (const name of Object.keys(sent)) {
    const twin = spellings.get(name.toLowerCase());
    if (twin !== undefined) refuse(`api.headers has ${twin} and ${name}`, 'Header names are one name in any case.');
    spellings.set(name.toLowerCase(), name);
  }

  const rule = chosen?.environment_header === undefined ? api?.environment_header : chosen.environment_header;
  if (!rule || environment === undefined) return problems;
  if (valuesOf(sent, rule.name).length === 0)
    refuse(`api.headers does not set ${rule.name}`, 'Every call needs it; set it in each environment.');
  const right = rule.values[environment];
  if (right === undefined)
    refuse(`${rule.name} has no value for the environment ${environment}`, 'Name it in api.environment_header.values.');
  else
    for (const value of layers.flatMap((layer) => valuesOf(layer, rule.name)))
      if (value !== right)
        refuse(
          `api.headers sets ${rule.name}: ${typeof value === 'string' ? value : value === null ? 'null' : 'a secret'} on a registration of the environment ${environment}`,
          `There it is ${right}. Leave it out, or choose the environment that it belongs to.`,
        );
  return problems;
}

function valuesOf(headers: Headers, name: string): Value[] {
  return Object.entries(headers).flatMap(([each, value]) => (each.toLowerCase() === name.toLowerCase() ? [value] : []));
}
