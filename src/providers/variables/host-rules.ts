import type { Variable } from '../sections/variables.js';
import type { AddressTemplate } from './address-template.js';
import { isPublicSuffix } from './public-suffix.js';
import { isOwnMachine } from './value.js';

/** Hosts that a template can be filled to. */
export type HostRule =
  | { kind: 'exact'; host: string }
  /** A host that ends so, as in `.example.com`. */
  | { kind: 'within'; suffix: string };

type Declared = ReadonlyMap<string, Variable>;

/** Combinations of listed values in one host at most. */
const maxHosts = 1_000;

const hostText = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$/i;

/** What may not be in this host; empty where every placeholder of it is declared and may stand where it does. */
export function hostProblems(
  { host }: AddressTemplate,
  declared: Declared,
  isTrusted: boolean,
): { what: string; remedy: string }[] {
  for (const [index, piece] of host.entries()) {
    if (typeof piece === 'string') continue;
    const variable = declared.get(piece.name);
    if (!variable) return [];
    const problem = pieceProblem(variable, host, index, isTrusted);
    if (problem) return [problem];
  }
  return combinations(host, declared).some((each) => each !== '{}' && !isHost(each.replace('{}', 'a-label')))
    ? [
        {
          what: 'becomes no host name with some of its values',
          remedy: 'Correct the values, or what stands around them.',
        },
      ]
    : [];
}

function pieceProblem(variable: Variable, host: AddressTemplate['host'], index: number, isTrusted: boolean) {
  const { name, type, from, values, originWithin } = variable;
  if (type === 'one_of')
    return [...values.values()].every((value) => hostText.test(value))
      ? undefined
      : {
          what: `has {${name}} in its host, and not each of its values is part of a host name`,
          remedy: 'Correct the values.',
        };
  if (from === 'callback')
    return {
      what: `has {${name}} in its host, which the callback says`,
      remedy: 'A value of the callback reaches a host through values alone: list them.',
    };
  if (type === 'origin') {
    if (host.length > 1) return { what: `has {${name}} in a part of its host`, remedy: 'An origin is the whole host.' };
    if (isTrusted)
      return {
        what: `has {${name}} as its whole host, and gets the client secret or the browser`,
        remedy: 'Write the host, or list the hosts in values.',
      };
    const open = originWithin.find((suffix) => isPublicSuffix(suffix.slice(1), { private: true }));
    return open === undefined
      ? undefined
      : {
          what: `takes {${name}} from within ${open}, where everybody can have a host`,
          remedy: 'Name the provider’s own domain.',
        };
  }
  return labelProblem(variable, host, index);
}

function labelProblem({ name, confirmedAs }: Variable, host: AddressTemplate['host'], index: number) {
  const next = host[1];
  if (index !== 0 || (host.length > 1 && !(typeof next === 'string' && next.startsWith('.'))))
    return { what: `has {${name}} within its host`, remedy: 'It can be the first label alone, before a dot.' };
  if (host.length === 1)
    return {
      what: `has {${name}} as its whole host`,
      remedy: 'Write the provider’s domain after it, or list the hosts in values.',
    };
  const [, ...rest] = host;
  if (rest.length > 1 || typeof rest[0] !== 'string') return undefined;
  const suffix = withoutPort(rest[0].slice(1));
  // The provider confirms each host below a private suffix that is its own: see docs/decisions/0026-values-of-one-connection.md.
  const isConfirmed = confirmedAs === `{${name}}.${suffix}`;
  return isPublicSuffix(suffix, { private: !isConfirmed }) && suffix !== 'localhost'
    ? {
        what: `has {${name}} below ${suffix}, where everybody can have a host`,
        remedy: 'A label stands before the provider’s own domain (publicsuffix.org).',
      }
    : undefined;
}

/** The hosts that a template can be filled to. Empty without a placeholder in its host. */
export function hostRules(template: AddressTemplate, declared: Declared): HostRule[] {
  const { host, hostNames } = template;
  if (hostNames.size === 0) return [];
  const [first] = host;
  const variable = typeof first === 'object' ? declared.get(first.name) : undefined;
  if (variable?.type === 'origin') return variable.originWithin.map((suffix) => ({ kind: 'within', suffix }));
  return combinations(host, declared).map((text) => {
    const name = withoutPort(text).toLowerCase();
    return name.startsWith('{}.') ? { kind: 'within', suffix: name.slice(2) } : { kind: 'exact', host: name };
  });
}

/** Every host by the listed values, with `{}` for a label. */
function combinations(host: AddressTemplate['host'], declared: Declared): string[] {
  let made = [''];
  for (const piece of host) {
    const variable = typeof piece === 'string' ? undefined : declared.get(piece.name);
    const texts =
      typeof piece === 'string' ? [piece] : variable?.type === 'one_of' ? [...variable.values.values()] : ['{}'];
    made = made.flatMap((start) => texts.map((text) => start + text)).slice(0, maxHosts);
  }
  return made;
}

function isHost(text: string): boolean {
  if (!hostText.test(text) || !URL.canParse(`https://${text}`)) return false;
  const { hostname } = new URL(`https://${text}`);
  const isNamed = withoutPort(text).toLowerCase() === hostname && hostname.split('.').every((label) => label !== '');
  return isNamed && (hostname.includes('.') || isOwnMachine(hostname));
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, '');
}
