import type { Environment } from './environment.js';
import { distance } from '../nearest-name.js';
import { reference } from './reference.js';

/**
 * Warns of variables that nothing reads and whose names are close to one that is read. `providerNames` are the ids of the
 * providers as they begin names (`ACME_BOOKS`). Variables of other programs are far from all of ours.
 */
export function warnOfMisspelt({ names, warn }: Environment, providerNames: readonly string[]): void {
  const known = new Set<string>(['GATEHOUSE_FAULT_POINT']);
  for (const { name, secret } of reference.flatMap(({ variables }) => variables)) {
    const each = name.startsWith('<ID>') ? providerNames.map((id) => name.replace('<ID>', id)) : [name];
    for (const one of each) {
      known.add(one);
      if (secret === true) known.add(`${one}_FILE`);
    }
  }
  for (const name of names) {
    if (known.has(name)) continue;
    const near = closest(name.toUpperCase().replaceAll('-', '_'), known);
    if (near !== undefined) warn(`${name}: nothing reads a variable of this name. ${near} is close.`);
  }
}

/** Two letters may differ, which two letters in each other's place do; in short names one. */
function closest(written: string, known: ReadonlySet<string>): string | undefined {
  if (known.has(written)) return written;
  const ranked = [...known]
    .filter((name) => Math.abs(name.length - written.length) <= 2)
    .map((name) => ({ name, off: distance(written, name) }))
    .sort((one, other) => one.off - other.off);
  const [best] = ranked;
  return best && best.off <= allowed(Math.min(best.name.length, written.length)) ? best.name : undefined;
}

function allowed(length: number): number {
  if (length < 6) return 0;
  return length < 8 ? 1 : 2;
}
