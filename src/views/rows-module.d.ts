/** The pages' own script that makes a table out of a JSON answer; the server uses it for browsers without script. */
declare module '*/views/assets/rows.js' {
  export interface Cell {
    text: string;
    /** Set to the right. */
    number: boolean;
    /** The value as it came, where the text says less. */
    title?: string;
  }
  export interface Table {
    columns: { path: string; label: string; number: boolean }[];
    cells: (from: number, to: number) => Cell[][];
    count: number;
  }
  export function at(value: unknown, pointer: string): unknown;
  export function rowsOf(answer: unknown, pointer: string | undefined): unknown[];
  export function tableOf(rows: unknown[], wanted: readonly unknown[] | undefined, language: string): Table;
  export function parseExactly(text: string): unknown;
}
