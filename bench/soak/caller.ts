import type { Dispatcher } from 'undici';
import { answerKind, type Answer, type Person } from './person.js';
import type { Server } from './fleet.js';

export interface CallOptions {
  person: Person;
  server: Server;
  path: string;
  /** Of the address that the servers answer for. */
  host: string;
  done: (answer: Answer) => void;
}

/** One proxied GET, with as little as a handler can do: a million of them must not be the driver's own load. */
export function call({ person, server, path, host, done }: CallOptions): void {
  const headers = { host, cookie: person.cookie, 'x-csrf': '1', accept: 'application/json' };
  server.pool.dispatch({ path, method: 'GET', headers }, new Call(person, done));
}

class Call implements Dispatcher.DispatchHandler {
  readonly #began = Date.now();
  readonly #epoch: number;
  #status = 0;
  #code: string | undefined;
  #body = '';

  constructor(
    private readonly person: Person,
    private readonly done: (answer: Answer) => void,
  ) {
    this.#epoch = person.epoch;
  }

  onRequestStart(): void {
    // Nothing to keep: a call is never taken back.
  }

  onResponseStart(_: unknown, status: number, headers: Record<string, string | string[] | undefined>): void {
    this.#status = status;
    this.#code = headers['x-gatehouse-error']?.toString();
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    this.#body += chunk.toString('latin1');
  }

  onResponseEnd(): void {
    this.#end(this.#status);
  }

  onResponseError(): void {
    this.#end(0);
  }

  #end(status: number): void {
    const { person } = this;
    const epoch = this.#epoch;
    this.done({ person, epoch, began: this.#began, ended: Date.now(), status, code: this.#code, body: this.#body });
  }
}

/** The same, awaited. */
export function callOnce(options: Omit<CallOptions, 'done'>): Promise<Answer & { kind: string }> {
  return new Promise((resolve) => {
    call({ ...options, done: (answer) => resolve({ ...answer, kind: answerKind(answer) }) });
  });
}
