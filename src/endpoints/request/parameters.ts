import type { Request } from 'express';
import { GatehouseError } from '../../errors.js';

/** Parameters as sent, each perhaps several times. */
export type SentParameters = ReadonlyMap<string, readonly string[]>;

/** The query of the request. */
export function queryParameters(req: Request): SentParameters {
  const start = req.url.indexOf('?');
  return parametersOf(start === -1 ? '' : req.url.slice(start + 1));
}

export function parametersOf(query: string): SentParameters {
  return collect(new URLSearchParams(query));
}

/** The query and the body together; a JSON body's strings count, anything else in it is refused. */
export function bodyParameters(req: Request): SentParameters {
  const entries: [string, string][] = [];
  const body: unknown = req.body;
  if (typeof body === 'object' && body !== null)
    for (const [name, value] of Object.entries(body))
      for (const each of Array.isArray(value) ? (value as unknown[]) : [value]) {
        if (each === null) continue;
        if (typeof each !== 'string' && typeof each !== 'number' && typeof each !== 'boolean')
          throw new GatehouseError('invalid_request', 'A parameter in the body is not a text.');
        entries.push([name, String(each)]);
      }
  return collect([...entriesOf(queryParameters(req)), ...entries]);
}

/** The one value of a parameter; undefined where it was not sent. Refuses one that came twice. */
export function single(parameters: SentParameters, name: string): string | undefined {
  const values = parameters.get(name) ?? [];
  if (values.length > 1) throw new GatehouseError('invalid_request', 'A parameter was sent twice. Send each once.');
  return values[0];
}

function collect(pairs: Iterable<[string, string]>): SentParameters {
  const parameters = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const values = parameters.get(name);
    if (values) values.push(value);
    else parameters.set(name, [value]);
  }
  return parameters;
}

function* entriesOf(parameters: SentParameters): Generator<[string, string]> {
  for (const [name, values] of parameters) for (const value of values) yield [name, value];
}
