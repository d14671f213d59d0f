import { providerOfCell } from '../connections/cell.js';
import { candidateKey, connectionIndexKey, connectionKey, pauseKey, sentKey } from '../store/keys.js';

/** The keys of all that can lie in these cells of a slot, and of the list of its connections. */
export function cellKeys(slot: string, cells: readonly string[]): string[] {
  return [
    connectionIndexKey(slot),
    ...new Set(cells.map((cell) => candidateKey(slot, providerOfCell(cell)))),
    ...cells.flatMap((cell) => [connectionKey, pauseKey, sentKey].map((key) => key(slot, cell))),
  ];
}
