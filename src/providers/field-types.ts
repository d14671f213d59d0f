import { z } from 'zod';

/* Types that several parts of the provider file share. */

/** A key that may be left out; `null` removes what a file extends. */
export const nullable = <T extends z.ZodType>(type: T) => type.nullable().optional();

export const seconds = z.number().int().positive();

export const parameters = z.record(z.string().min(1), z.string());

/** Two-language text; a plain string is used for every language. */
export const text = z.union([z.string(), z.strictObject({ en: z.string(), nb: z.string().optional() })]);

export const path = z.string().regex(/^\//, 'must begin with /');

export const method = z.string().regex(/^[A-Z]+$/, 'must be an HTTP method in capitals');

/** RFC 6901; empty is the whole. */
export const pointer = z.string().regex(/^(\/[^/]*)*$/, 'must be a JSON pointer');

/** A small call of our own to the provider's API. */
export const apiRequest = z.strictObject({
  method: method.optional(),
  path,
  body: z.string().optional(),
});

export type ApiRequest = z.infer<typeof apiRequest>;
export type LocalizedText = z.infer<typeof text>;
