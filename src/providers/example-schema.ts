import { z } from 'zod';
import { method, path, pointer, text } from './field-types.js';
import { headerValue } from './header-types.js';

/** A column of an example's table: JSON pointer from the row; `title` is the pointer's last segment where absent. */
const column = z.strictObject({
  path: z.string().regex(/^(\/[^/]*)+$/, 'must be a JSON pointer'),
  title: text.optional(),
  /** `date`: seconds since the epoch or RFC 3339; `minor_units`: hundredths of the currency's unit. */
  format: z.enum(['text', 'date', 'minor_units']).optional(),
});

/** How the explorer asks for the page after the one that it shows, where no Link header of the answer says so. */
const next = z
  .strictObject({
    /** Query parameter that counts pages, and the number of the first one. */
    parameter: z.string().min(1).optional(),
    first: z.number().int().min(0).optional(),
    /** Query parameter of `path` that says how many rows a page has: a shorter page is the last. */
    size: z.string().min(1).optional(),
    /** GraphQL with Relay's cursors: the variable of `body` that is given as `after`, and where the answer has its pageInfo. */
    variable: z.string().min(1).optional(),
    page_info: pointer.optional(),
  })
  .refine(
    ({ parameter, size, variable, page_info: info }) =>
      (parameter === undefined) === (size === undefined) &&
      (variable === undefined) === (info === undefined) &&
      (parameter === undefined) !== (variable === undefined),
    'must name either parameter and size, or variable and page_info',
  );

/** A call that the explorer offers. `rows`: JSON pointer to the array that is shown as a table, `columns` what of it. */
export const example = z
  .strictObject({
    name: text,
    method: method.optional(),
    path,
    body: z.string().optional(),
    /** Media type that is asked for, where it is not JSON. */
    accept: headerValue.optional(),
    /** For names in braces in `path`: a call that is made first, and where its answer has the value. */
    look_up: z.record(z.string().regex(/^\w+$/), z.strictObject({ path, value: pointer })).optional(),
    rows: z.string().optional(),
    columns: z.array(column).min(1).optional(),
    next: next.optional(),
  })
  .refine(
    ({ path: template, look_up: wanted = {} }) => Object.keys(wanted).every((name) => template.includes(`{${name}}`)),
    { path: ['look_up'], message: 'names what does not stand in braces in path' },
  );

export type ExampleFile = z.infer<typeof example>;
