import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { EventEmitter, once } from 'node:events';
import { listen, readBody } from './listen.js';
import { jsonReply, sendReply } from './reply.js';
import type { Reply } from './reply.js';

export interface Recorded {
  method: string;
  /** The request target as it came. */
  url: string;
  headers: IncomingMessage['headers'];
  rawHeaders: string[];
  /** Whole, unless the upstream was told not to keep bodies. */
  body: Buffer;
  /** Hex SHA-256 of the body. */
  hash: string;
  /** Bytes of the body. */
  length: number;
  /** The bearer token, without the scheme. */
  bearer?: string;
  /** Set when the caller's connection ended before the answer did. */
  aborted: boolean;
}

/** What to answer: a reply, or a choice made per request; undefined leaves it to the default. */
export type Respond = Reply | ((request: Recorded) => Reply | undefined | Promise<Reply | undefined>);

export interface Upstream {
  origin: string;
  port: number;
  requests: Recorded[];
  readonly last: Recorded;
  /** Programs answers: the newest matching one wins. `times` uses it up after so many requests. */
  answer(path: string | RegExp, respond: Respond, options?: { times?: number; method?: string }): void;
  /** Resolves with the next request, once its headers are in. */
  nextRequest(): Promise<Recorded>;
  /** Resolves when a caller's connection ended before its answer did. */
  nextAbort(): Promise<Recorded>;
  /** Forgets requests and programmed answers. */
  reset(): void;
  close(): Promise<void>;
}

export interface UpstreamOptions {
  /** Whether a bearer may call; without it every call is let in. The refusal is a 401 (RFC 6750 section 3). */
  accepts?: (token: string, request: Recorded) => boolean;
  /** The answer to a bearer that may not call. */
  refusal?: Reply;
  /** False: bodies are counted and hashed only. */
  keepBodies?: boolean;
}

interface Rule {
  path: string | RegExp;
  respond: Respond;
  method: string | undefined;
  left: number;
}

const unauthorized: Reply = {
  ...jsonReply({ error: 'invalid_token' }, 401),
  headers: { 'content-type': 'application/json', 'www-authenticate': 'Bearer error="invalid_token"' },
};

async function readInto(recorded: Recorded, req: IncomingMessage, keep: boolean): Promise<void> {
  const hash = createHash('sha256');
  if (keep) {
    recorded.body = await readBody(req);
    hash.update(recorded.body);
    recorded.length = recorded.body.length;
  } else {
    for await (const chunk of req) {
      hash.update(chunk as Buffer);
      recorded.length += (chunk as Buffer).length;
    }
  }
  recorded.hash = hash.digest('hex');
}

function describe(recorded: Recorded): Reply {
  return jsonReply({ method: recorded.method, url: recorded.url, length: recorded.length, hash: recorded.hash });
}

/** An API that remembers every call and answers what it is told to. */
export async function startUpstream({
  accepts,
  refusal = unauthorized,
  keepBodies = true,
}: UpstreamOptions = {}): Promise<Upstream> {
  const requests: Recorded[] = [];
  const events = new EventEmitter();
  let rules: Rule[] = [];

  async function replyTo(recorded: Recorded): Promise<Reply> {
    if (accepts && !(recorded.bearer !== undefined && accepts(recorded.bearer, recorded))) return refusal;
    const path = recorded.url.split('?')[0] ?? '';
    for (const rule of rules.toReversed()) {
      const matches = typeof rule.path === 'string' ? rule.path === path : rule.path.test(recorded.url);
      if (!matches || rule.left < 1 || (rule.method ?? recorded.method) !== recorded.method) continue;
      rule.left--;
      const reply = typeof rule.respond === 'function' ? await rule.respond(recorded) : rule.respond;
      if (reply) return reply;
    }
    return describe(recorded);
  }

  const listening = await listen((req, res) => {
    const bearer = /^Bearer +(\S+)$/i.exec(req.headers.authorization ?? '')?.[1];
    const recorded: Recorded = {
      method: req.method ?? '',
      url: req.url ?? '',
      headers: req.headers,
      rawHeaders: req.rawHeaders,
      body: Buffer.alloc(0),
      hash: '',
      length: 0,
      aborted: false,
      ...(bearer === undefined ? {} : { bearer }),
    };
    requests.push(recorded);
    events.emit('request', recorded);
    res.once('close', () => {
      if (res.writableFinished) return;
      recorded.aborted = true;
      events.emit('abort', recorded);
    });
    const answered = readInto(recorded, req, keepBodies)
      .then(() => replyTo(recorded))
      .then((reply) => sendReply(res, reply));
    answered.catch(() => res.destroy());
  });

  return {
    origin: listening.origin,
    port: listening.port,
    requests,
    get last() {
      const last = requests.at(-1);
      if (!last) throw new Error('the upstream was never called');
      return last;
    },
    answer: (path, respond, { times = Infinity, method } = {}) => rules.push({ path, respond, method, left: times }),
    nextRequest: () => once(events, 'request').then(([recorded]) => recorded as Recorded),
    nextAbort: () => once(events, 'abort').then(([recorded]) => recorded as Recorded),
    reset: () => {
      requests.length = 0;
      rules = [];
    },
    close: () => listening.close(),
  };
}
