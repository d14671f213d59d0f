import { GatehouseError } from '../errors.js';
import type { Provider } from '../providers/provider.js';
import type { StoredValues } from '../providers/variables/provider-variables.js';
import { confirmation, readValue } from '../providers/variables/read-value.js';
import type { AuthorizationResponse } from './authorization-response.js';

/**
 * The values that the callback says, beside those that the caller said. It is read after the state matched, and before the code
 * goes anywhere. Throws GatehouseError issuer_mismatch where it confirms another value than the one that was asked for.
 */
export function callbackValues(
  provider: Provider,
  response: AuthorizationResponse,
  said: StoredValues | undefined,
): StoredValues {
  const { declared, production } = provider.variables ?? { declared: new Map<never, never>(), production: true };
  const values: Record<string, string> = { ...said };
  for (const variable of declared.values()) {
    const { name, from, parameter, default: usual } = variable;
    if (parameter === undefined) continue;
    const sent = response[parameter];
    if (from === 'caller') {
      const isConfirmed = sent?.toLowerCase() === confirmation(variable, values[name] ?? '').toLowerCase();
      if (!isConfirmed) throw anotherValue(provider, name);
      continue;
    }
    const value = readValue(variable, sent ?? usual, production);
    if (value !== undefined) values[name] = value;
    else if (sent !== undefined || provider.variables?.needed.has(name)) throw noValue(provider, name);
  }
  return values;
}

function anotherValue({ id, name }: Provider, variable: string): GatehouseError {
  return new GatehouseError(
    'issuer_mismatch',
    `The answer of ${name} is for another ${variable} than the one that was asked for. Nothing was connected; start again.`,
    id,
  );
}

function noValue({ id, name }: Provider, variable: string): GatehouseError {
  return new GatehouseError(
    'invalid_request',
    `The answer of ${name} does not say a ${variable} that its provider file allows. Nothing was connected; start again.`,
    id,
  );
}
