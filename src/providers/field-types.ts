import { z } from 'zod';

/* Types that several parts of the provider file share. */

/** Two-language text; a plain string is used for every language. */
export const text = z.union([z.string(), z.strictObject({ en: z.string(), nb: z.string().optional() })]);

export const path = z.string().regex(/^\//, 'must begin with /');

export const method = z.string().regex(/^[A-Z]+$/, 'must be an HTTP method in capitals');

/** RFC 6901; empty is the whole. */
export const pointer = z.string().regex(/^(\/[^/]*)*$/, 'must be a JSON pointer');
