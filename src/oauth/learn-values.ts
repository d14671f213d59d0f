import { GatehouseError } from '../errors.js';
import { parseExactJson, parseExactObject } from '../exact-json.js';
import type { HttpClient } from '../http/client.js';
import { atPointer } from '../json-pointer.js';
import type { Provider } from '../providers/provider.js';
import type { Variable } from '../providers/sections/variables.js';
import { fillAddress } from '../providers/variables/address-template.js';
import { judgeAll, type StoredValues } from '../providers/variables/provider-variables.js';
import { readValue } from '../providers/variables/read-value.js';
import { carryToken } from './api-request.js';
import type { IdTokenClaims } from './id-token.js';

/** What came with new tokens. */
export interface ToldWithTokens {
  accessToken: string;
  /** By variable: what the token response has at its pointer. */
  told?: ToldValues;
  claims?: Partial<IdTokenClaims> | undefined;
}

/** By the name of a variable of `from: token_answer`: what the token response says, not judged yet. */
export type ToldValues = Readonly<Record<string, unknown>>;

/** Milliseconds, and bytes, for the answer to the request of a variable. */
const requestLimits = { deadline: 10_000, size: 512 * 1024 };

/** The members of a token response that a provider's variables read; undefined where none does. */
export function toldValues(provider: Provider, body: string): ToldValues | undefined {
  const read = variablesFrom(provider, 'token_answer');
  if (read.length === 0) return undefined;
  const answer = parseExactObject(body);
  return Object.fromEntries(read.map(({ name, pointer }) => [name, atPointer(answer, pointer)]));
}

/**
 * The values of a connection that has just been made: `known` and what the provider tells. Throws GatehouseError where it tells
 * something else than the file allows, or not what is needed.
 */
export async function learnValues(
  http: HttpClient,
  provider: Provider,
  known: StoredValues,
  said: ToldWithTokens,
): Promise<StoredValues> {
  const values = { ...known, ...read(provider, toldRaw(provider, said), refuseValue) };
  const asked = await askForValues(http, provider, values, said.accessToken, variablesFrom(provider, 'request'));
  const all = { ...values, ...read(provider, asked, refuseValue) };
  for (const name of provider.variables?.needed ?? [])
    if (!Object.hasOwn(all, name) && provider.variables?.declared.get(name)?.default === undefined)
      throw refuseValue(provider, name);
  return all;
}

/** What a renewal tells of the values; of `from: request` only those that are asked for each time. */
export async function renewedValues(
  http: HttpClient,
  provider: Provider,
  values: StoredValues,
  said: ToldWithTokens,
): Promise<{ values: StoredValues; changed: readonly string[] }> {
  const asking = variablesFrom(provider, 'request').filter(({ asksAtRenewal }) => asksAtRenewal);
  const asked = await askForValues(http, provider, values, said.accessToken, asking).catch(() => ({}));
  const raw = { ...toldRaw(provider, said), ...asked };
  const told = read(provider, raw, () => undefined);
  // What is told and may not be is another value, too.
  const changed = Object.keys(raw).filter((name) => raw[name] != null && told[name] !== values[name]);
  return { values: { ...values, ...told }, changed };
}

function toldRaw(provider: Provider, { told, claims }: ToldWithTokens): Record<string, unknown> {
  const claimed = claims ? variablesFrom(provider, 'id_token') : [];
  return { ...told, ...Object.fromEntries(claimed.map(({ name, pointer }) => [name, atPointer(claims, pointer)])) };
}

/** The values among what was told. What is not told is left out. */
function read(
  { variables, ...provider }: Provider,
  raw: Readonly<Record<string, unknown>>,
  refuse: (provider: Pick<Provider, 'id' | 'name'>, name: string) => Error | undefined,
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, each] of Object.entries(raw)) {
    const variable = variables?.declared.get(name);
    if (!variables || !variable || each === undefined || each === null) continue;
    const value = readValue(variable, each, variables.production);
    const error = value === undefined ? refuse(provider, name) : undefined;
    if (error) throw error;
    if (value !== undefined) values[name] = value;
  }
  return values;
}

/** Each address is asked once for all variables that name it. No redirect is followed. */
async function askForValues(
  http: HttpClient,
  provider: Provider,
  values: StoredValues,
  accessToken: string,
  asking: readonly Variable[],
): Promise<Record<string, unknown>> {
  const answers = new Map<string, Promise<unknown>>();
  const told = asking.map(async (variable) => {
    const address = addressOf(provider, values, variable);
    const answer = answers.get(address) ?? ask(http, provider, address, accessToken);
    answers.set(address, answer);
    return [variable.name, atPointer(await answer, variable.pointer)] as const;
  });
  return Object.fromEntries(await Promise.all(told));
}

async function ask(http: HttpClient, provider: Provider, address: string, accessToken: string): Promise<unknown> {
  const { url, tokenHeaders } = carryToken(provider.api, address, accessToken);
  const headers = { accept: 'application/json', ...tokenHeaders };
  const detail = `${provider.name} did not say what its addresses need. Nothing was connected; start again.`;
  const answer = await http(url, { method: 'GET', headers }, requestLimits).catch((cause: unknown) => {
    throw new GatehouseError('upstream_unreachable', detail, { provider: provider.id, cause });
  });
  try {
    if (answer.status === 200) return parseExactJson(answer.body);
  } catch {
    // What is no JSON says nothing.
  }
  throw new GatehouseError('upstream_invalid_response', detail, provider.id);
}

function addressOf({ variables }: Provider, values: StoredValues, { name, address = '' }: Variable): string {
  const template =
    variables?.addresses.get(`variables.${name}.address`) ?? variables?.addresses.get(`variables.${name}.request.path`);
  if (!variables || !template) return address;
  const judged = judgeAll(variables, values);
  return (judged && fillAddress(template, judged, variables)?.href) ?? 'https://unfilled.invalid/';
}

function variablesFrom({ variables }: Provider, source: Variable['from']): Variable[] {
  return [...(variables?.declared.values() ?? [])].filter(({ from }) => from === source);
}

function refuseValue({ id, name }: Pick<Provider, 'id' | 'name'>, variable: string): GatehouseError {
  return new GatehouseError(
    'upstream_invalid_response',
    `${name} did not say a ${variable} that its provider file allows. Nothing was connected; start again.`,
    id,
  );
}
