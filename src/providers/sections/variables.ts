import { z } from 'zod';
import { nullable, pointer, text, type LocalizedText } from '../field-types.js';
import { withoutNull } from '../without-null.js';
import { isPattern } from './problem.js';

/** A parameter of the authorization response that this server reads for itself cannot be a value of the connection. */
const ownParameters = new Set(['code', 'state', 'iss', 'error', 'error_description', 'error_uri', 'hmac']);
/** Parameters of /connect that mean something already. */
const takenParameters = new Set([
  ...['return_to', 'connection', 'as', 'reconsent', 'popup_id', 'csrf_token', 'key', 'provider', 'lang', 'label'],
]);

const parameter = z.string().regex(/^[\w.-]{1,64}$/, 'must be a parameter name');

export const variable = z.strictObject({
  /** Who says the value. */
  from: nullable(z.enum(['caller', 'callback', 'token_answer', 'id_token', 'request'])),
  /** What the page that asks calls it. */
  label: nullable(text),
  /** The values that there are: what is said, and what it stands for. */
  values: nullable(z.record(z.string().min(1).max(255), z.string().min(1).max(255).nullable())),
  /** Regular expression that the whole value must match. */
  pattern: nullable(z.string().min(1)),
  default: nullable(z.string()),
  /** `from: callback`: the parameter that has it. */
  parameter: nullable(parameter),
  /** `from: caller`: the parameter of the callback that must name the same one. */
  callback: nullable(z.strictObject({ parameter, is: nullable(z.string().min(1).max(255)) })),
  /** Where it stands in the token response, in the claims of the ID token, or in the answer to the request. */
  pointer: nullable(pointer),
  /** It is an origin, whose host ends with one of these. */
  origin_within: nullable(
    z.array(z.string().regex(/^\.[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be a suffix such as .example.com')).min(1),
  ),
  /** `from: request`: what is asked with the new token. */
  address: nullable(z.url()),
  request: nullable(z.strictObject({ path: z.url() })),
  /** Another value is another account. */
  account: nullable(z.boolean()),
  /** Shown to the front end. */
  public: nullable(z.boolean()),
  /** An origin may be another one after a renewal, while the account stays. */
  follow: nullable(z.boolean()),
  /** `ask`: the request is made again at each renewal. */
  renewal: nullable(z.enum(['ask'])),
});

const name = z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, 'must match ^[a-z][a-z0-9_]{0,31}$');

export const variables = z.record(name, variable.nullable());

export type VariablesFile = z.infer<typeof variables> | null | undefined;
type VariableFile = z.infer<typeof variable>;

/** Where a variable's value comes from. */
export type VariableSource = NonNullable<VariableFile['from']>;

/** What a value is, and so where it may stand. A `label` may be the first label of a host. */
export type VariableType = 'label' | 'one_of' | 'origin' | 'segment';

/** A value of one connection, as the provider file declares it. */
export interface Variable {
  readonly name: string;
  readonly from: VariableSource;
  readonly type: VariableType;
  readonly label: LocalizedText | undefined;
  /** What is said, and what it stands for. */
  readonly values: ReadonlyMap<string, string>;
  readonly pattern: RegExp | undefined;
  readonly default: string | undefined;
  /** The callback's parameter that has the value, or confirms it. */
  readonly parameter: string | undefined;
  /** How the callback writes a caller's value. */
  readonly confirmedAs: string;
  readonly pointer: string;
  readonly originWithin: readonly string[];
  /** What is asked for it; placeholders of other variables may stand in it. */
  readonly address: string | undefined;
  readonly account: boolean;
  readonly public: boolean;
  readonly follow: boolean;
  readonly asksAtRenewal: boolean;
}

/** A problem of a variable, and the key that it is about. */
export interface VariableProblem {
  path: readonly string[];
  what: string;
  remedy: string;
}

/** What is wrong with the declarations by themselves, wherever the variables are used. */
export function declarationProblems(file: VariablesFile, callerParameters: readonly string[]): VariableProblem[] {
  return Object.entries(withoutNull(file ?? {})).flatMap(([name, each]) =>
    problemsOf(name, each, callerParameters).map(([key, what, remedy]) => ({
      path: ['variables', name, ...(key === '' ? [] : [key])],
      what: `variables.${name}${key === '' ? '' : `.${key}`} ${what}`,
      remedy,
    })),
  );
}

type Finding = readonly [key: string, what: string, remedy: string];

function problemsOf(name: string, file: VariableFile, callerParameters: readonly string[]): Finding[] {
  const { from } = file;
  if (!from)
    return [
      ['', 'does not say from where its value comes', 'Set from: caller, callback, token_answer, id_token or request.'],
    ];
  const kinds = [file.values, file.pattern, file.origin_within].filter((kind) => kind != null).length;
  return [
    ...(kinds === 1
      ? []
      : [['', 'needs one of values, pattern and origin_within', 'Set exactly one of them.'] as const]),
    ...(file.pattern != null && !isPattern(`^(?:${file.pattern})$`)
      ? [['pattern', 'is not a regular expression', 'Correct the pattern.'] as const]
      : []),
    ...belongs(file),
    ...needs(from, file),
    ...namesTaken(name, file, callerParameters),
    ...defaultProblems(file),
    ...(file.account === true && from !== 'caller' && from !== 'callback'
      ? [
          [
            'account',
            'is for what a caller or the callback says',
            'Remove it: what the provider tells is compared anyway.',
          ] as const,
        ]
      : []),
  ];
}

/** Keys that mean something for certain sources alone. */
const keySources: Readonly<Partial<Record<keyof VariableFile, readonly VariableSource[]>>> = {
  label: ['caller'],
  default: ['caller', 'callback'],
  parameter: ['callback'],
  callback: ['caller'],
  pointer: ['token_answer', 'id_token', 'request'],
  origin_within: ['token_answer', 'id_token', 'request'],
  address: ['request'],
  request: ['request'],
  renewal: ['request'],
};

function belongs(file: VariableFile): Finding[] {
  const misplaced = Object.entries(keySources).flatMap(([key, sources]): Finding[] =>
    file[key as keyof VariableFile] == null || sources.includes(file.from ?? 'caller')
      ? []
      : [
          [
            key,
            `means nothing with from: ${file.from ?? ''}`,
            `It belongs to from: ${sources.join(' or ')}. Remove it.`,
          ],
        ],
  );
  const follows = file.follow === true && !file.origin_within;
  return follows ? [...misplaced, ['follow', 'is for an origin', 'Set origin_within, or remove follow.']] : misplaced;
}

function needs(from: VariableSource, file: VariableFile): Finding[] {
  if (from === 'callback' && !file.parameter)
    return [['', 'does not say which parameter of the callback has it', 'Set parameter.']];
  if (from === 'request' && (file.address ?? file.request?.path) === undefined)
    return [['', 'does not say what is asked for it', 'Set address.']];
  if (keySources.pointer?.includes(from) && file.pointer == null)
    return [['', 'does not say where it stands', 'Set pointer, a JSON pointer such as /instance_url.']];
  if (from === 'token_answer' && /^\/(?:access_token|refresh_token|id_token)$/.test(file.pointer ?? ''))
    return [['pointer', 'names a token', 'A token is no value of an address. Name another member.']];
  return [];
}

function namesTaken(name: string, file: VariableFile, callerParameters: readonly string[]): Finding[] {
  const parameters = [file.parameter, file.callback?.parameter].filter((each) => each != null);
  return [
    ...(file.from === 'caller' && (takenParameters.has(name) || callerParameters.includes(name))
      ? [['', 'has a name that is a parameter of /connect already', 'Choose another name.'] as const]
      : []),
    ...(parameters.some((each) => ownParameters.has(each))
      ? [['', 'reads a parameter of the callback that is the protocol’s own', 'Name another parameter.'] as const]
      : []),
  ];
}

function defaultProblems(file: VariableFile): Finding[] {
  const value = file.default;
  if (value == null) return [];
  const fits =
    file.values != null
      ? Object.hasOwn(withoutNull(file.values), value)
      : file.pattern == null || fullMatch(file.pattern).test(value);
  return fits ? [] : [['default', 'is not a value that the variable may have', 'Correct it.']];
}

/** The declared variables, each with its type. `labels`: those that stand first in a host. */
export function resolveVariables(file: VariablesFile, labels: ReadonlySet<string>): Map<string, Variable> {
  return new Map(
    Object.entries(withoutNull(file ?? {})).map(([name, each]) => [
      name,
      resolveVariable(name, each, labels.has(name)),
    ]),
  );
}

function resolveVariable(name: string, file: VariableFile, isLabel: boolean): Variable {
  const values = new Map(Object.entries(withoutNull(file.values ?? {})));
  return {
    name,
    from: file.from ?? 'caller',
    type: file.values ? 'one_of' : file.origin_within ? 'origin' : isLabel ? 'label' : 'segment',
    label: file.label ?? undefined,
    values,
    pattern: file.pattern == null ? undefined : fullMatch(file.pattern),
    default: file.default ?? undefined,
    parameter: file.parameter ?? file.callback?.parameter,
    confirmedAs: file.callback?.is ?? `{${name}}`,
    pointer: file.pointer ?? '',
    originWithin: file.origin_within ?? [],
    address: file.address ?? file.request?.path,
    account: file.account === true,
    public: file.public === true,
    follow: file.follow === true,
    asksAtRenewal: file.renewal === 'ask',
  };
}

/** Of a pattern that is none, which is a problem of its own, what matches nothing. */
function fullMatch(pattern: string): RegExp {
  return isPattern(`^(?:${pattern})$`) ? new RegExp(`^(?:${pattern})$`, 'u') : /(?!)/;
}
