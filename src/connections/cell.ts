import { createHash, randomInt } from 'node:crypto';

/*
 * A connection's id is `con_` and 22 letters and digits: four that name its provider, so that a path can be judged before a
 * store is asked, and 18 drawn at random. Its records lie in the slot of its holder, in a cell. The first connection of a
 * provider has the cell that releases before 0.3 gave to the only one, the provider's id; a further one has the provider's id
 * and a hash of its own id, so that what lies in the store names no connection.
 */

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const prefix = 'con_';
const markLength = 4;
const randomLength = 18;
const hashLength = 22;
const pattern = /^con_[0-9A-Za-z]{22}$/;

export function newConnectionId(provider: string): string {
  const random = Array.from({ length: randomLength }, () => alphabet[randomInt(alphabet.length)]);
  return prefix + providerMark(provider) + random.join('');
}

export function isConnectionId(text: string): boolean {
  return pattern.test(text);
}

/** The id of a connection that a release before 0.3 stored: the same whenever its record is read. */
export function formerConnectionId(slot: string, cell: string, grant: string | undefined): string {
  const provider = providerOfCell(cell);
  return prefix + providerMark(provider) + letters(`connection\n${slot}\n${cell}\n${grant ?? ''}`, randomLength);
}

/** Whether the id names a connection at this provider. */
export function isOfProvider(id: string, provider: string): boolean {
  return id.startsWith(prefix + providerMark(provider));
}

/** The cell of a further connection at the provider. */
export function furtherCell(provider: string, id: string): string {
  return `${provider}.${createHash('sha256').update(id).digest('base64url').slice(0, hashLength)}`;
}

/** The id of the provider whose connections a cell is for. */
export function providerOfCell(cell: string): string {
  const dot = cell.indexOf('.');
  return dot === -1 ? cell : cell.slice(0, dot);
}

const marks = new Map<string, string>();

function providerMark(provider: string): string {
  const known = marks.get(provider);
  if (known !== undefined) return known;
  const mark = letters(`provider\n${provider}`, markLength);
  marks.set(provider, mark);
  return mark;
}

function letters(text: string, length: number): string {
  let number = BigInt(`0x${createHash('sha256').update(text).digest('hex')}`);
  let written = '';
  while (written.length < length) {
    written += alphabet[Number(number % 62n)] ?? '';
    number /= 62n;
  }
  return written;
}
