import { z } from 'zod';
import { compact } from '../../compact.js';
import { apiRequest } from '../field-types.js';
import { ownHeaderName } from '../header-types.js';

export const organizations = z.strictObject({
  request: apiRequest,
  pointer: z.string().optional(),
  id: z.string(),
  /** Members for the name; the first one present is taken. */
  name: z.array(z.string()).min(1),
  /** Request header that carries the choice. */
  header: ownHeaderName,
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

export function resolveOrganizations(file: z.infer<typeof organizations>) {
  const { request, pointer = '', id, name, header, scope, required = false, refusal_status: refusalStatus = [] } = file;
  return compact({ request, pointer, id, name, header, scope, required, refusalStatus });
}
