import { compact } from '../compact.js';
import type { Connection } from './connection.js';

/**
 * The stored form of a connection, as releases since 0.1 write it: times are seconds since the epoch. Two neighbouring
 * releases run beside each other during an upgrade, so that names change in memory alone.
 */
export type ConnectionRecord = Omit<Connection, 'id' | 'rejected'> & {
  /** Absent in what releases before 0.3 wrote. */
  id?: string;
  turnedAway?: { at: number };
};

export function toConnectionRecord({ rejected, ...connection }: Connection): ConnectionRecord {
  return withTimes(rejected ? { ...connection, turnedAway: rejected } : connection, toSeconds);
}

export function fromConnectionRecord(record: ConnectionRecord & { id: string }): Connection {
  const { turnedAway, ...rest } = withTimes(record, toMilliseconds);
  const connection = { ...rest, id: record.id };
  return turnedAway ? { ...connection, rejected: turnedAway } : connection;
}

const toSeconds = (ms: number): number => Math.floor(ms / 1000);
const toMilliseconds = (seconds: number): number => seconds * 1000;

function withTimes(record: ConnectionRecord, convert: (time: number) => number): ConnectionRecord {
  const { tokens, lastRefresh, refused, turnedAway, rejectionRefreshes } = record;
  const at = <T extends { at: number }>(event: T | undefined) => event && { ...event, at: convert(event.at) };
  return compact({
    ...record,
    connectedAt: convert(record.connectedAt),
    tokens: tokens && {
      ...compact({ ...tokens, expiresAt: optional(tokens.expiresAt, convert) }),
      obtainedAt: convert(tokens.obtainedAt),
    },
    lastRefresh: at(lastRefresh),
    refused: refused && compact({ ...refused, at: convert(refused.at), retryAt: optional(refused.retryAt, convert) }),
    turnedAway: at(turnedAway),
    rejectionRefreshes: at(rejectionRefreshes),
  });
}

function optional(time: number | undefined, convert: (time: number) => number): number | undefined {
  return time === undefined ? undefined : convert(time);
}
