import type { Request } from 'express';
import { secretMatches, type Client } from '../state/clients.js';
import type { World } from '../state/world.js';
import { bodyPairs } from '../wire-parameters.js';
import { writtenValue, type Emulator } from './emulator.js';

export type Parameters = ReadonlyMap<string, string>;

/** The parameters of a request in the one format that the provider reads; undefined where they came in another. */
export function parametersOf(req: Request, format: string | null | undefined): Parameters | undefined {
  if (format === 'query') return new Map(new URL(req.originalUrl, 'http://sandbox').searchParams);
  const isJson = req.is('application/json') !== false;
  if (format === 'json' ? !isJson : req.is('application/x-www-form-urlencoded') === false) return undefined;
  return new Map(bodyPairs(req.body as unknown));
}

/** Whether every header that the file sets on such requests came as it says. */
export function hasHeaders(
  emulator: Emulator,
  req: Request,
  headers: Readonly<Record<string, unknown>> | null | undefined,
): boolean {
  return Object.entries(headers ?? {}).every(([name, value]) => {
    const written = writtenValue(emulator, value);
    if (written === undefined || written.includes('{')) return req.get(name) !== undefined;
    return req.get(name) === written;
  });
}

/** The client, where it proves itself in the way that the provider's documentation names, and in no other. */
export function provenClient(
  world: World,
  { realm, file }: Emulator,
  req: Request,
  parameters: Parameters,
  method: string = file.client_authentication ?? 'client_secret_post',
): Client | undefined {
  const names = file.token?.request?.names;
  const basic = /^Basic ([A-Za-z0-9+/=]+)$/.exec(req.get('authorization') ?? '')?.[1];
  const [id, secret] =
    method === 'client_secret_post' || method === 'none'
      ? [
          parameters.get(names?.['client_id'] ?? 'client_id'),
          parameters.get(names?.['client_secret'] ?? 'client_secret'),
        ]
      : readBasic(basic, method === 'client_secret_basic');
  const client = world.clients.find(realm, id);
  const isOutdated = client !== undefined && world.switches.flag(client.provider, 'other_secret');
  return client && !isOutdated && secretMatches(client, secret) ? client : undefined;
}

function readBasic(basic: string | undefined, isEncoded: boolean): [string | undefined, string | undefined] {
  if (basic === undefined) return [undefined, undefined];
  const text = Buffer.from(basic, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const parts = [text.slice(0, colon), text.slice(colon + 1)] as const;
  const read = (part: string) => (isEncoded ? decodeURIComponent(part.replaceAll('+', ' ')) : part);
  return [read(parts[0]), read(parts[1])];
}
