import type { Request } from 'express';

/** Parameters as they came over the wire. An empty value counts as absent (RFC 6749 section 3.1). */
export interface WireParameters {
  get(name: string): string | undefined;
  /** Space-separated, such as `scope`. */
  list(name: string): string[];
  /** A parameter came more than once, which section 3.1 forbids. */
  readonly doubled: boolean;
}

export function queryParameters(req: Request): WireParameters {
  return wireParameters([...new URL(req.originalUrl, 'http://sandbox').searchParams]);
}

/** The body, as a form or as a JSON object whose texts and numbers are taken. */
export function bodyParameters(req: Request): WireParameters {
  return wireParameters(bodyPairs(req.body as unknown));
}

export function wireParameters(pairs: readonly (readonly [string, string])[]): WireParameters {
  const names = pairs.map(([name]) => name);
  const values = new Map(pairs.filter(([, value]) => value !== ''));
  return {
    get: (name) => values.get(name),
    list: (name) => (values.get(name) ?? '').split(' ').filter((one) => one !== ''),
    doubled: new Set(names).size !== names.length,
  };
}

export function bodyPairs(body: unknown): [string, string][] {
  if (typeof body === 'string') return [...new URLSearchParams(body)];
  if (typeof body !== 'object' || body === null) return [];
  return Object.entries(body).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? [[name, value.toString()]]
      : [],
  );
}
