/** The pages' own script that finds the next page of an answer; the server uses it for browsers without script. */
declare module '*/views/assets/paging.js' {
  export function isPathValue(value: unknown): value is string | number;
  export interface PageRule {
    parameter?: string | undefined;
    first?: number | undefined;
    size?: string | undefined;
    variable?: string | undefined;
  }
  export interface PagedCall {
    path: string;
    body?: string | undefined;
  }
  export function linkTo(header: string | null, relation: string): string | undefined;
  export function nextPage(
    call: PagedCall,
    rule: PageRule | undefined,
    answer: { rows: number; info: unknown },
  ): PagedCall | undefined;
  export function withVariable(body: string, name: string, value: string): string;
  export function filledPath(path: string, values: Readonly<Record<string, string | number>>): string;
  export function rangeOf(
    answer: { before: number; rows: number; total?: number | undefined; more: boolean },
    words: Readonly<Record<'rangeOf' | 'rangeMore' | 'rangeLast', string>>,
  ): string | undefined;
  export function countOf(
    answer: { shown: number; rows: number; total?: number | undefined; whole: boolean },
    words: Readonly<Record<'rows' | 'rowsAll' | 'rowAll' | 'rowsHere' | 'rowHere', string>>,
  ): string;
}
