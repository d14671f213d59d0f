import type { ProviderFileBody } from '../schema.js';
import { declarationProblems, resolveVariables, type Variable, type VariableProblem } from '../sections/variables.js';
import { isIssuerTemplate } from '../../issuer.js';
import { parseAddress } from './address-template.js';
import { hostProblems } from './host-rules.js';
import { foreignPlaceholder, placeholders } from './placeholder.js';
import { placesOf, type Place } from './places.js';

/** What keeps a file's variables, or the placeholders that name them, from being used. */
export function variableProblems(body: ProviderFileBody): VariableProblem[] {
  const declared = declaredVariables(body);
  const callerParameters = Object.keys(body.authorization?.caller_parameters ?? {});
  return [
    ...declarationProblems(body.variables, callerParameters),
    ...grantProblems(body, declared),
    ...issuerProblems(body),
    ...placesOf(body).flatMap((place) => placeProblems(place, declared)),
    ...confirmationProblems(body, declared),
    ...accountProblems(body, declared),
  ];
}

/** The variables of a file, each with its type. */
export function declaredVariables(body: ProviderFileBody): Map<string, Variable> {
  const labels = placesOf(body).flatMap(({ kind, text }) => {
    const host = kind === 'address' && text.includes('{') ? parseAddress(text)?.host : undefined;
    return host?.flatMap((piece) => (typeof piece === 'string' ? [] : [piece.name])) ?? [];
  });
  return resolveVariables(body.variables, new Set(labels));
}

function placeProblems(place: Place, declared: ReadonlyMap<string, Variable>): VariableProblem[] {
  const { path, text, kind, known, own } = place;
  const refuse = (what: string, remedy: string): VariableProblem[] => [
    { path, what: `${path.join('.')} ${what}`, remedy },
  ];
  const foreign = foreignPlaceholder(text, kind === 'address');
  if (foreign !== undefined)
    return refuse(
      `has ${foreign}, which is no placeholder of ours`,
      'Write {name}, and declare the name in variables.',
    );
  const names = placeholders(text).filter((name) => !own.includes(name));
  if (names.length === 0) return [];
  const unknown = names.find((name) => !declared.has(name));
  if (unknown !== undefined)
    return refuse(`names {${unknown}}, which is not declared`, 'Declare it in variables, or correct its spelling.');
  const early = names.flatMap((name) => declared.get(name) ?? []).find(({ from }) => !known.includes(from));
  if (early)
    return refuse(
      `names {${early.name}} (from: ${early.from}), which is not known when it is used`,
      known.length === 0 ? 'Write it out.' : `Here values from ${known.join(', ')} are known.`,
    );
  return kind === 'address' ? addressProblems(place, declared, refuse) : originProblems(names, declared, refuse);
}

function addressProblems(
  { text, isTrusted }: Place,
  declared: ReadonlyMap<string, Variable>,
  refuse: (what: string, remedy: string) => VariableProblem[],
): VariableProblem[] {
  const template = parseAddress(text);
  if (!template) return refuse('is no address that can be filled', 'Write https://, a host, a path and a query.');
  const [problem] = hostProblems(template, declared, isTrusted);
  if (problem) return refuse(problem.what, problem.remedy);
  const below = [...template.names].filter((name) => !template.hostNames.has(name));
  return originProblems(below, declared, refuse);
}

function originProblems(
  names: readonly string[],
  declared: ReadonlyMap<string, Variable>,
  refuse: (what: string, remedy: string) => VariableProblem[],
): VariableProblem[] {
  const origin = names.find((name) => declared.get(name)?.type === 'origin');
  return origin === undefined
    ? []
    : refuse(`has {${origin}}, which is an origin`, 'An origin stands in an address alone, as its host.');
}

/** An operator's own application has nobody who could say a value; and with a key, only the person who gives it can. */
function grantProblems({ grant }: ProviderFileBody, declared: ReadonlyMap<string, Variable>): VariableProblem[] {
  if (grant !== 'client_credentials' && grant !== 'api_key') return [];
  return [...declared.values()].flatMap(({ name, from, default: fallback }) =>
    from === 'caller' && (grant === 'api_key' || fallback !== undefined)
      ? []
      : [
          {
            path: ['variables', name],
            what: `variables.${name} cannot be known with grant: ${grant}`,
            remedy: `Give it from: caller${grant === 'api_key' ? '' : ' and a default'}, or write the value out.`,
          },
        ],
  );
}

function issuerProblems({ issuer }: ProviderFileBody): VariableProblem[] {
  if (!issuer || isIssuerTemplate(issuer)) return [];
  const found = foreignPlaceholder(issuer, true) ?? (placeholders(issuer).length > 0 ? '{name}' : undefined);
  return found === undefined
    ? []
    : [
        {
          path: ['issuer'],
          what: 'issuer has an unknown placeholder',
          remedy: 'Write {tid} for a whole segment of its path.',
        },
      ];
}

/** `callback.is` names its own variable, once, and nothing else. */
function confirmationProblems(
  { variables }: ProviderFileBody,
  declared: ReadonlyMap<string, Variable>,
): VariableProblem[] {
  return [...declared.values()].flatMap(({ name, confirmedAs }) => {
    const isWritten = variables?.[name]?.callback?.is != null;
    const isOwn = confirmedAs.split(`{${name}}`).length === 2 && placeholders(confirmedAs).length === 1;
    return !isWritten || (isOwn && foreignPlaceholder(confirmedAs, true) === undefined)
      ? []
      : [
          {
            path: ['variables', name, 'callback', 'is'],
            what: `variables.${name}.callback.is does not name {${name}} alone`,
            remedy: `Write {${name}} once, as in {${name}}.example.com.`,
          },
        ];
  });
}

/** A value that stands for an account is believed when the API has answered with it. */
function accountProblems(body: ProviderFileBody, declared: ReadonlyMap<string, Variable>): VariableProblem[] {
  const isAsked = (body.account?.source === 'api' && body.account.request != null) || body.api?.auth_probe != null;
  const named = [...declared.values()].find(({ account }) => account);
  if (!named || isAsked) return [];
  return [
    {
      path: ['variables', named.name, 'account'],
      what: `variables.${named.name} stands for an account, and no call shows that the account is the token's`,
      remedy: 'Set account.source: api and account.request, or api.auth_probe.',
    },
  ];
}
