import { z } from 'zod';
import { isNeverForwarded, isReservedHeader } from './reserved-headers.js';

export const headerName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'must be a header name');
export const headerValue = z.string().regex(/^[\t\x20-\x7e]*$/, 'must be printable ASCII on one line');

const reserved = {
  code: 'custom',
  message: 'is a header that Gatehouse alone sets',
  params: { remedy: 'Remove it: the token goes out as Authorization, and the connection takes care of itself.' },
} as const;

/** The name of a header that a provider file may set. */
export const ownHeaderName = headerName.superRefine((name, context) => {
  if (isReservedHeader(name)) context.addIssue(reserved);
});

/** Names and values; a null takes away what a file extends. */
export const fixedHeadersOf = <Value extends z.ZodType>(value: Value) =>
  z.record(headerName, value.nullable()).superRefine((headers, context) => {
    for (const name of Object.keys(headers))
      if (isReservedHeader(name)) context.addIssue({ ...reserved, path: [name] });
  });

export const forwardedHeaders = z.array(headerName).superRefine((names, context) => {
  for (const [index, name] of names.entries())
    if (isNeverForwarded(name))
      context.addIssue({
        code: 'custom',
        path: [index],
        message: 'names a header that is never taken from a caller',
        params: { remedy: 'Remove it, or set the header for every call with api.headers.' },
      });
});
