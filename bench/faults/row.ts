/** One line of the table: what was done, and what it cost. */
export interface Row {
  what: string;
  /** Calls a second or at once, or runs. */
  load: string;
  faults: number;
  /** How often each status came; 0 is a connection that broke. */
  answers: Record<string, number>;
  /** Undefined where it was not measured. */
  longestMs: number | undefined;
  tokenCalls: number;
  connectionsLost: number;
  recoveryMs: number | undefined;
}

const head = [
  'case',
  'load',
  'faults',
  'answers by status',
  'longest answer',
  'token calls',
  'connections lost',
  'recovery',
];

export function rowsTable(rows: readonly Row[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const ms = (value: number | undefined): string => (value === undefined ? '–' : `${Math.round(value)} ms`);
  const lines = rows.map(({ what, load, faults, answers, longestMs, tokenCalls, connectionsLost, recoveryMs }) =>
    line([
      what,
      load,
      String(faults),
      Object.entries(answers)
        .map(([status, count]) => `${count} × ${status}`)
        .join(', '),
      ms(longestMs),
      String(tokenCalls),
      String(connectionsLost),
      ms(recoveryMs),
    ]),
  );
  return [line(head), line(head.map(() => '---')), ...lines].join('\n');
}
