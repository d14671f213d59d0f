import { parseExactly, rowsOf, tableOf } from '../../views/assets/rows.js';
import type { ProblemCode } from '../errors.js';
import type { Locale } from './locale.js';
import type { AnswerModel, ExampleCall } from './models.js';

/** Rows and characters that a page without script shows. */
const mostRows = 50;
const mostText = 20_000;

interface Asked {
  /** Index among the examples. */
  number: number;
  example: ExampleCall;
  milliseconds: number;
  problem: ProblemCode | null;
  answer?: { status: number; body: string };
  locale: Locale;
}

/** The beginning of an answer as the page shows it: a table where it is JSON with rows, and its text. */
export function answerModel({ number, example, milliseconds, problem, answer, locale }: Asked): AnswerModel {
  const body = answer?.body ?? '';
  const json = answer && answer.status < 400 ? parse(body) : undefined;
  const rows = json === undefined ? [] : rowsOf(json, example.rows);
  const table = tableOf(rows, example.columns, locale);
  return {
    example: number,
    problem,
    status: answer?.status ?? null,
    milliseconds: Math.round(milliseconds),
    bytes: Buffer.byteLength(body),
    table: json === undefined ? null : { columns: table.columns, rows: table.cells(0, mostRows) },
    count: rows.length,
    text: readable(body) ? body.slice(0, mostText) : '',
    cut: body.length > mostText,
  };
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
