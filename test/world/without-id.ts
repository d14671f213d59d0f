/** An address without the id of the connection that was made, which is drawn at random; fails the test where it has another form. */
export function withoutId(address: string | URL | null | undefined): string {
  const text = String(address);
  const plain = text.replace(/&connection=con_[0-9A-Za-z]{22}(?=[&#]|$)/, '');
  if (plain.includes('connection=')) throw new Error('an address names its connection in another form');
  if (/[?&]connected=/.test(plain) && plain === text)
    throw new Error('an address says connected and names no connection');
  return plain;
}
