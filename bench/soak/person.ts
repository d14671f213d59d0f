/** A browser's session with one connection, as the driver knows it. */
export interface Person {
  /** Names the person at the authorization server. */
  subject: string;
  /** What the API answers to this person's tokens. */
  canary: string;
  /** The Cookie header of the session. */
  cookie: string;
  /** `changing`: somebody signs in or out just now, and the load leaves the person alone. */
  state: 'connected' | 'changing';
  /** Counts the changes, so that a call that was under way during one is known. */
  epoch: number;
}

/** What became of one call. */
export interface Answer {
  person: Person;
  /** The person's, when the call began. */
  epoch: number;
  /** Milliseconds since the epoch. */
  began: number;
  ended: number;
  /** 0 where the connection broke. */
  status: number;
  /** X-Gatehouse-Error: absent where the API spoke. */
  code: string | undefined;
  body: string;
}

/** `200`, `401 upstream`, `503 store_unavailable`, `0 broken`. */
export function answerKind({ status, code }: Pick<Answer, 'status' | 'code'>): string {
  if (status === 200) return '200';
  return `${status} ${code ?? (status === 0 ? 'broken' : 'upstream')}`;
}
