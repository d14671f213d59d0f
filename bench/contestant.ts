/** One way of standing between a browser and an API, started and signed in. */
export interface Contestant {
  name: string;
  /** Address under which the API's paths continue. */
  url: string;
  /** What a signed-in browser sends. */
  headers: Readonly<Record<string, string>>;
  /** A file with a Cookie header per line, sent in turn instead. */
  cookieFile?: string;
  /** Its processes are this one and its descendants. */
  pid: number;
  /** Milliseconds from the start of the process until it said that it was ready, where that was measured. */
  startedMs?: number;
  stop(): Promise<void>;
}

/** What every contestant gets. */
export interface Surroundings {
  /** For files of this run. */
  directory: string;
  redisUrl: string;
  upstreamUrl: string;
  freePort(): Promise<number>;
  /** The access token that is to reach the API. */
  token: string;
}
