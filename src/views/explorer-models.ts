import type { ProblemCode } from '../errors.js';
import type { LocalizedText } from './locale.js';

/* What the data explorer of a connection's page is made from. */

export interface ExampleCall {
  name: LocalizedText;
  method?: string | undefined;
  path: string;
  body?: string | undefined;
  /** JSON pointer (RFC 6901) to the array that is shown as a table. */
  rows?: string | undefined;
  /** What of a row is shown; absent: the script chooses. */
  columns?: readonly ExampleColumn[] | undefined;
  /** Media type that is asked for, where it is not JSON. */
  accept?: string | undefined;
  /** By the names in braces in `path`: the call whose answer has the value at a JSON pointer. */
  look_up?: Readonly<Record<string, { path: string; value: string }>> | undefined;
  next?: NextPageRule | undefined;
}

/** How the next page is asked for: a query parameter that counts pages, or a GraphQL variable that holds a cursor. */
export interface NextPageRule {
  parameter?: string | undefined;
  first?: number | undefined;
  size?: string | undefined;
  variable?: string | undefined;
  page_info?: string | undefined;
}

export interface ExampleColumn {
  /** JSON pointer from the row. */
  path: string;
  /** The last segment of the pointer where absent. */
  title?: LocalizedText | undefined;
  /** `date`: seconds since the epoch or RFC 3339; `minor_units`: hundredths of the currency's unit. */
  format?: 'text' | 'date' | 'minor_units' | undefined;
}

/** What a person may put into a call of their own. */
export interface ExplorerModel {
  /** `graphql`: a query and its variables are asked for, and sent to `path`. */
  style: 'rest' | 'graphql';
  path: string | null;
  methods: readonly string[];
  /** Request headers that a person might type and that reach the provider. */
  forwarded: readonly string[];
  /** All that reach it, in lower case. */
  passed: readonly string[];
  /** PUBLIC_URL's address of the proxy, and the session cookie's name, for programs. */
  address: string;
  cookie: string;
}

/** The answer to an example call that the server made itself, for a browser without script. */
export interface AnswerModel {
  /** Index among the examples. */
  example: number;
  /** Why there is no answer of the provider. */
  problem: ProblemCode | null;
  status: number | null;
  milliseconds: number;
  bytes: number;
  /** The first rows, as text; numbers are set to the right. */
  table: {
    columns: readonly { label: string; number: boolean }[];
    rows: readonly (readonly { text: string; number: boolean }[])[];
  } | null;
  /** Whether nothing can follow this page, as far as the provider file knows. */
  whole: boolean;
  /** Whether the answer, taken as a success, reports errors (GraphQL). */
  errors: boolean;
  /** Rows of the answer, and of the pages before it. */
  count: number;
  before: number;
  /** Of all pages, where the provider says. */
  total: number | null;
  /** What the form for the next page sends; null after the last one. */
  next: { query?: string; cursor?: string } | null;
  /** Media type, of a file that is not shown. */
  file: string | null;
  /** Seconds that the provider asks to wait. */
  wait: number | null;
  /** The call that should have told what to open, and did not. */
  nothing: string | null;
  /** The beginning of the body. */
  text: string;
  cut: boolean;
}
