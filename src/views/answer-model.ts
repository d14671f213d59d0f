import { linkTo, nextPage } from '../../views/assets/paging.js';
import { at, parseExactly, rowsOf, tableOf } from '../../views/assets/rows.js';
import { waitOf } from '../../views/assets/wait.js';
import type { ProblemCode } from '../errors.js';
import type { Locale } from './locale.js';
import type { AnswerModel, ExampleCall } from './explorer-models.js';

/** Rows and characters that a page without script shows. */
const mostRows = 50;
const mostText = 20_000;

interface Asked {
  /** Index among the examples. */
  number: number;
  /** The example, with the path and body that were sent. */
  example: ExampleCall;
  milliseconds: number;
  problem: ProblemCode | null;
  nothing?: string | undefined;
  answer?: { status: number; headers: Headers; body: string; url: string };
  /** Rows of the pages before. */
  before: number;
  locale: Locale;
  /** Milliseconds since the epoch. */
  now: number;
}

/** The beginning of an answer as the page shows it: a table where it is JSON with rows, and its text. */
export function answerModel({ number, example, answer, before, locale, ...asked }: Asked): AnswerModel {
  const body = answer?.body ?? '';
  const json = answer && answer.status < 400 ? parse(body) : undefined;
  const rows = json === undefined ? [] : rowsOf(json, example.rows);
  const table = tableOf(rows, example.columns, locale);
  const total = /^\d{1,12}$/.exec(answer?.headers.get('x-total-count') ?? '')?.[0];
  const next = answer && json !== undefined ? nextOf(answer, example, json, rows.length) : null;
  const isText = readable(body);
  return {
    example: number,
    problem: asked.problem,
    wait: answer?.status === 429 ? (waitOf(answer.headers, asked.now) ?? null) : null,
    nothing: asked.nothing ?? null,
    status: answer?.status ?? null,
    milliseconds: Math.round(asked.milliseconds),
    bytes: Buffer.byteLength(body),
    table: json === undefined ? null : { columns: table.columns, rows: table.cells(0, mostRows) },
    count: rows.length,
    before,
    total: total === undefined ? null : Number(total),
    next,
    whole: example.next !== undefined && next === null,
    errors: typeof json === 'object' && json !== null && 'errors' in json && Array.isArray(json.errors),
    text: isText ? body.slice(0, mostText) : '',
    cut: body.length > mostText,
    file: isText || !answer ? null : (answer.headers.get('content-type') ?? '').replace(/;.*$/, ''),
  };
}

/** A page of the same call: what a Link header says, or else the provider file. */
function nextOf(
  { headers, url }: NonNullable<Asked['answer']>,
  example: ExampleCall,
  json: unknown,
  rows: number,
): AnswerModel['next'] {
  const target = linkTo(headers.get('link'), 'next');
  if (target !== undefined && URL.canParse(target, url)) {
    const { pathname, search } = new URL(target, url);
    return pathname === new URL(url).pathname && search !== '' ? { query: search.slice(1) } : null;
  }
  const info = example.next?.page_info === undefined ? undefined : at(json, example.next.page_info);
  const next = nextPage(example, example.next, { rows, info });
  if (!next) return null;
  if (example.next?.variable === undefined) return { query: next.path.replace(/^[^?]*\?/, '') };
  const { variables } = JSON.parse(next.body ?? '{}') as { variables?: Record<string, string> };
  return { cursor: variables?.[example.next.variable] ?? '' };
}

function parse(text: string): unknown {
  try {
    return parseExactly(text);
  } catch {
    return undefined;
  }
}

/** A file that was read as text is no text. */
function readable(body: string): boolean {
  return !/[\0\ufffd]/.test(body.slice(0, mostText));
}
