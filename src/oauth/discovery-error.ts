/** The metadata of a server cannot be used. The message is for the log and the doctor, and may name an address of the server. */
export class DiscoveryError extends Error {
  override readonly name = 'DiscoveryError';

  constructor(readonly hint: string) {
    super(hint);
  }
}
