import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

export interface Answer {
  url: URL;
  status: number;
  headers: IncomingHttpHeaders;
  rawHeaders: string[];
  setCookies: string[];
  body: Buffer;
  text: string;
  /** The body as JSON; reading it throws when it is none. */
  readonly json: unknown;
  /** Location made absolute. */
  location?: URL;
}

export interface Outgoing {
  method: string;
  url: URL;
  headers: OutgoingHttpHeaders;
  body?: string | Buffer;
}
