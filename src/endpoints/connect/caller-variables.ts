import type { Request, Response } from 'express';
import { GatehouseError } from '../../errors.js';
import { wantsHtml } from '../../middleware/accepts.js';
import type { Provider } from '../../providers/provider.js';
import type { Variable } from '../../providers/sections/variables.js';
import type { StoredValues } from '../../providers/variables/provider-variables.js';
import { readValue } from '../../providers/variables/read-value.js';
import type { Pages, VariableField } from '../request/pages.js';
import { single, type SentParameters } from '../request/parameters.js';

/** What a caller of /connect says of the provider's variables. */
export interface SaidValues {
  /** Those that are good, a default among them. */
  values: StoredValues;
  /** The names of those that are still to be said, and of those that are none that the variable may have. */
  missing: readonly string[];
  invalid: readonly string[];
}

/** The variables that a caller says. `own`: the values of the connection that is reconnected, for a caller who says none. */
export function saidValues(provider: Provider, parameters: SentParameters, own?: StoredValues): SaidValues {
  const asked = callersVariables(provider);
  const sent = asked.map((variable) => [variable, single(parameters, variable.name)] as const);
  const saysNone = sent.every(([, text]) => text === undefined);
  const values: Record<string, string> = {};
  const missing: string[] = [];
  const invalid: string[] = [];
  for (const [variable, text = (saysNone ? own?.[variable.name] : undefined) ?? variable.default] of sent) {
    const { name } = variable;
    const value = text === undefined || text === '' ? undefined : read(provider, variable, text);
    if (value !== undefined) values[name] = value;
    else if (text === undefined || text === '') missing.push(name);
    else invalid.push(name);
  }
  return { values, missing, invalid };
}

/**
 * Asks for what is missing: a person by a page whose form goes on with the start, a program by a problem that names it. A value
 * that cannot be is the program's mistake, and the person's second try.
 */
export function askForValues(
  pages: Pages,
  req: Request,
  res: Response,
  provider: Provider,
  said: SaidValues,
  /** Of the start, to be sent along with the form. */
  parameters: Readonly<Record<string, string>>,
): void {
  const { missing, invalid } = said;
  if (!wantsHtml(req)) throw invalid.length > 0 ? invalidValue(provider, invalid) : missingValue(provider, missing);
  res.status(invalid.length > 0 ? 400 : 409);
  res.type('html').send(pages.values(req, res, provider, { fields: fieldsOf(provider, said), parameters }));
}

export function isToAsk({ missing, invalid }: SaidValues): boolean {
  return missing.length > 0 || invalid.length > 0;
}

function fieldsOf(provider: Provider, { values, invalid }: SaidValues): VariableField[] {
  return callersVariables(provider).map((variable) => {
    const { name, label, values: listed, default: usual, confirmedAs } = variable;
    const [before = '', after = ''] = confirmedAs.split(`{${name}}`);
    return {
      name,
      label: label ?? name,
      options: listed.size > 0 ? [...listed.keys()] : null,
      value: values[name] ?? usual ?? '',
      invalid: invalid.includes(name),
      before,
      after,
    };
  });
}

export function callersVariables({ variables }: Provider): Variable[] {
  return [...(variables?.declared.values() ?? [])].filter(({ from }) => from === 'caller');
}

function read({ variables }: Provider, variable: Variable, text: string): string | undefined {
  return readValue(variable, text, variables?.production ?? true);
}

function missingValue(provider: Provider, names: readonly string[]): GatehouseError {
  return new GatehouseError(
    'variable_required',
    `${provider.name} needs ${names.join(', ')} to be named first: send it as a parameter, or let the person be asked.`,
    { provider: provider.id, variables: names },
  );
}

function invalidValue(provider: Provider, names: readonly string[]): GatehouseError {
  return new GatehouseError(
    'invalid_request',
    `The parameter ${names.join(', ')} does not have the form that ${provider.name} asks for.`,
    provider.id,
  );
}
