import type { ConnectionChoice, GatehouseErrorCode } from './types.js';

/** Members of a problem document (RFC 9457) that an error is made of. */
interface Problem {
  code: GatehouseErrorCode;
  detail?: string | undefined;
  /** HTTP status; 0 where there was no answer. */
  status?: number | undefined;
  provider?: string | undefined;
  connect_url?: string | undefined;
  retry_after?: number | undefined;
  request_id?: string | undefined;
  connections?: readonly ConnectionChoice[] | undefined;
}

/** What Gatehouse, and not the provider, has refused or could not do. */
export class GatehouseError extends Error {
  readonly code: GatehouseErrorCode;
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;
  readonly provider: string | undefined;
  /** Where connecting again is what helps. */
  readonly connectUrl: string | undefined;
  /** Seconds after which a repetition makes sense. */
  readonly retryAfter: number | undefined;
  /** Names the request in the log of the server. */
  readonly requestId: string | undefined;
  /** With connection_ambiguous: those of which one is to be named. */
  readonly connections: readonly ConnectionChoice[];

  constructor(problem: Problem) {
    super(problem.detail ?? problem.code);
    this.name = 'GatehouseError';
    this.code = problem.code;
    this.status = problem.status ?? 0;
    this.provider = problem.provider;
    this.connectUrl = problem.connect_url;
    this.retryAfter = problem.retry_after;
    this.requestId = problem.request_id;
    this.connections = problem.connections ?? [];
  }
}

/** The error that an answer tells of. An answer to HEAD, or one that was cut short, has its headers alone. */
export async function errorOf(answer: Response, provider?: string): Promise<GatehouseError> {
  const problem = ((await answer.json().catch(() => null)) ?? {}) as Partial<Problem>;
  const after = Number(answer.headers.get('Retry-After') ?? NaN);
  return new GatehouseError({
    provider,
    ...(Number.isNaN(after) ? {} : { retry_after: after }),
    request_id: answer.headers.get('X-Request-Id') ?? undefined,
    ...problem,
    code: answer.headers.get('X-Gatehouse-Error') ?? problem.code ?? 'unexpected_answer',
    status: answer.status,
  });
}
