import type { ConnectionChoice } from '../contract.js';
import { problems, type ProblemCode } from '../errors.js';

/** A problem as a program reads it (RFC 9457). */
export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  code: ProblemCode;
  detail: string;
  request_id: string;
  provider?: string;
  instance?: string;
  connect_url?: string;
  retry_after?: number;
  /** Of which one is to be named. */
  connections?: readonly ConnectionChoice[];
  /** The names of the variables that are still to be said. */
  variables?: readonly string[];
  /** Why a connection has ended, where that is known. */
  reason?: string;
}

type More = Omit<ProblemBody, 'type' | 'title' | 'status' | 'code' | 'detail' | 'request_id'>;

export const problemType = 'application/problem+json';

export function problemBody(code: ProblemCode, detail: string, requestId: string, more: More = {}): ProblemBody {
  const { status, title } = problems[code];
  return { type: `urn:gatehouse:problem:${code}`, title, status, code, detail, ...more, request_id: requestId };
}

/** The challenge that goes with every 401 (RFC 9110 section 15.5.2). `realm`: PUBLIC_URL. */
export function challenge(realm: string, code: ProblemCode): string {
  return `Gatehouse realm="${realm}", error="${code}"`;
}
