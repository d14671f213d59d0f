import { pino, type DestinationStream } from 'pino';
import { auditActor, type Actor } from './audit-actor.js';
import { allowedFields, type LogFields } from './fields.js';
import { standardOutput, type LineOutput } from './standard-output.js';

export type { LogFields } from './fields.js';

export const logLevels = ['silent', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];
type Level = Exclude<LogLevel, 'silent'>;

/** One line per event. `event` is a dotted name such as `connection.refreshed`. */
export interface Log {
  error(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  debug(event: string, fields?: LogFields): void;
  /** For many lines of an event, at level `info`, that begin with the same fields: those are put into words once. */
  lines(event: string, shared: LogFields): (fields: LogFields) => void;
  /** A line of the audit trail: who did what. It is written at every level but `silent`. */
  audit(event: string, actor: Actor, fields?: LogFields, level?: Level): void;
  enabled(level: Level): boolean;
}

export interface LogOptions {
  level: LogLevel;
  /** `json`: one JSON object a line. `text`: for a person at a terminal. */
  format: 'json' | 'text';
  destination?: DestinationStream & Partial<LineOutput>;
  /** Told of every event, also of those whose level is not logged. */
  observe?: (event: string, fields: LogFields) => void;
  /** Under which the audit trail names sessions and owners; without it it names none. */
  auditKey?: string | undefined;
}

export function createLog({ level, format, destination = standardOutput, observe, auditKey }: LogOptions): Log {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: timeMember,
      messageKey: 'event',
      formatters: { level: levelName },
    },
    format === 'json' ? destination : readable(destination),
  );
  // The audit trail has a logger of its own, whose level hides none of it.
  const trail = level === 'silent' ? logger : logger.child({}, { level: 'debug' });
  const named = auditActor(auditKey ?? '');
  const write =
    (at: Level, to = logger) =>
    (event: string, given: LogFields = {}): void => {
      const fields = allowedFields(given);
      observe?.(event, fields);
      to[at](fields, event);
      if (at === 'warn' || at === 'error') destination.flush?.();
    };
  const writeTrail = { error: write('error', trail), warn: write('warn', trail), info: write('info', trail) };
  return {
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: write('debug'),
    lines: (event, shared) => {
      const line = write('info', logger.child(allowedFields(shared)));
      return (fields) => line(event, fields);
    },
    audit: (event, { slot, owner, trace }, fields, at = 'info') => {
      const actor = named(auditKey === undefined ? { trace } : { slot, owner, trace });
      writeTrail[at === 'debug' ? 'info' : at](event, { ...fields, ...actor });
      // What was done is told before anybody can end the process.
      destination.flush?.();
    },
    enabled: (wanted) => logger.isLevelEnabled(wanted),
  };
}

let timeAt = 0;
let timeText = '';

/** The time as pino wants it, put into words once for all lines of a millisecond. */
function timeMember(): string {
  const now = Date.now();
  if (now !== timeAt) {
    timeAt = now;
    timeText = `,"time":"${new Date(now).toISOString()}"`;
  }
  return timeText;
}

function levelName(label: string): { level: string } {
  return { level: label };
}

/** Turns pino's JSON lines into `12:00:01 info  connection.refreshed provider=acme`. */
function readable(destination: DestinationStream): DestinationStream {
  return {
    write(line: string) {
      const { level, time, event, ...fields } = JSON.parse(line) as Record<string, unknown>;
      const pairs = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
      destination.write(`${[String(time).slice(11, 19), String(level).padEnd(5), event, ...pairs].join(' ')}\n`);
    },
  };
}

/**
 * What may be told of an error in a log line: its class, its code and its own message's class of trouble, never the
 * message itself, which may quote what a server sent. The causes are named from the outside in.
 */
export function describeError(error: unknown): LogFields {
  const names: string[] = [];
  for (let at = error, depth = 0; at instanceof Error && depth < 6; at = at.cause, depth += 1) {
    const code = 'code' in at && typeof at.code === 'string' && /^[\w.-]{1,64}$/.test(at.code) ? `(${at.code})` : '';
    names.push(`${at.name}${code}`);
  }
  return { error: names.join(' < ') || typeof error };
}

/** Writes nothing: for commands that say themselves what they found. */
export const silentLog: Log = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  audit: () => undefined,
  lines: () => () => undefined,
  enabled: () => false,
};
