/** The server could not be asked, or its answer does not fit the limits. Says nothing about the grant. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';

  constructor(
    readonly code: 'timeout' | 'unreachable' | 'too_large',
    options?: ErrorOptions,
  ) {
    super(`the server gave no usable answer: ${code}`, options);
  }
}
