import { z } from 'zod';
import { compact } from '../../compact.js';
import { nullable, path } from '../field-types.js';

const kinds = z.enum(['query', 'mutation', 'subscription']);

/** What the body of a call may ask for. Every call below `base_url`, or at `path`, is judged. */
export const apiGraphql = z.strictObject({
  /** The address of the API's one endpoint, below base_url; without `allow`, no other path is open. */
  path: nullable(path),
  operations: nullable(z.array(kinds).min(1)),
  /** Fields of the root that an operation may name; absent: all. */
  allow: nullable(z.array(z.string().regex(/^[_A-Za-z]\w*$/, 'must be the name of a field')).min(1)),
  max_depth: nullable(z.number().int().min(1).max(100)),
  max_fields: nullable(z.number().int().min(1).max(100_000)),
});

/** What the documents of callers are judged by. */
export interface GraphqlRules {
  /** Below base_url. */
  readonly path?: string;
  readonly operations: ReadonlySet<string>;
  /** Fields of the root; absent: all. */
  readonly allow?: ReadonlySet<string>;
  readonly maxDepth: number;
  readonly maxFields: number;
}

export function resolveApiGraphql(file: z.infer<typeof apiGraphql> | null | undefined): GraphqlRules | undefined {
  if (!file) return undefined;
  return compact({
    path: file.path ?? undefined,
    operations: new Set<string>(file.operations ?? ['query']),
    allow: file.allow ? new Set(file.allow) : undefined,
    maxDepth: file.max_depth ?? 15,
    maxFields: file.max_fields ?? 1000,
  });
}
