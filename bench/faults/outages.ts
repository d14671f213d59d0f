import { openGroups } from './outages-groups.js';
import { openSingles } from './outages-single.js';
import { bornInto } from './outages-start.js';
import { openUnder, type StoreFault } from './outages-under.js';
import type { Row } from './row.js';

/** Takes the store away under load, in every way, and gives it back. */
export async function outages(): Promise<Row[]> {
  const rows: Row[] = [];
  const faults: Record<string, StoreFault> = { ...openSingles, ...openGroups };
  for (const [what, fault] of Object.entries(faults)) {
    tell(what);
    rows.push(await openUnder(what, fault));
  }
  for (const [what, fault] of Object.entries(bornInto)) {
    tell(what);
    rows.push(await openUnder(what, fault));
  }
  return rows;
}

function tell(what: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)}   ${what}\n`);
}
