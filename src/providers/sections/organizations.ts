import { z } from 'zod';
import { compact } from '../../compact.js';
import { apiRequest, nullable } from '../field-types.js';
import { ownHeaderName } from '../header-types.js';
import type { SectionProblem } from './problem.js';

export const organizations = z.strictObject({
  request: apiRequest,
  pointer: z.string().optional(),
  id: z.string(),
  /** Members for the name; the first one present is taken. */
  name: z.array(z.string()).min(1),
  /** Request header, or parameter of the query, that carries the choice. */
  header: nullable(ownHeaderName),
  parameter: nullable(z.string().regex(/^[\w.~[\]-]+$/, 'must be a plain name')),
  /** Scope without which the list cannot be read. */
  scope: z.string().optional(),
  /** Whether calls are refused until one is chosen. */
  required: z.boolean().optional(),
  /**
   * Statuses with which the API may refuse the chosen organization. Then the list is asked, and a choice that it no longer
   * holds is dropped: calls are refused until another one is made.
   */
  refusal_status: z.array(z.number().int().min(400).max(499)).optional(),
});

export type Organizations = ReturnType<typeof resolveOrganizations>;

type File = z.infer<typeof organizations>;

export function organizationProblems(file: File | null | undefined): SectionProblem[] {
  if (!file || (file.header != null) !== (file.parameter != null)) return [];
  return [
    {
      what: 'organizations does not say how a call names one',
      remedy: 'Name one of organizations.header and .parameter.',
    },
  ];
}

export function resolveOrganizations(file: File) {
  const { request, pointer = '', id, name, scope, required = false, refusal_status: refusalStatus = [] } = file;
  const [header, parameter] = [file.header ?? undefined, file.parameter ?? undefined];
  return compact({ request, pointer, id, name, header, parameter, scope, required, refusalStatus });
}
