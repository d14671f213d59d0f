/** Stands for an address that is not filled yet: a name that no server has (RFC 6761 section 6.4). */
const unfilled = 'https://unfilled.invalid';

/** Where an address has placeholders: an address at which nothing is, until it is filled. */
export function unfilledAddress(text: string): string {
  const rest = text.includes('{') ? /^https?:\/\/[^/?#]*([^?#]*)/i.exec(text)?.[1] : undefined;
  return rest === undefined ? text : unfilled + rest;
}

export function isUnfilled(address: string): boolean {
  return address === unfilled || address.startsWith(`${unfilled}/`);
}
