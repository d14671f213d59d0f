import type { NextFunction, Request, Response } from 'express';
import type { ConnectionRef } from '../../connections/connection-ref.js';
import type { LiveConnection } from '../../connections/refresh/refreshed-connection.js';
import type { Provider } from '../../providers/provider.js';
import type { Parties } from '../../proxy/places.js';
import type { Session } from '../../sessions/session-record.js';
import type { CallTarget } from './call-target.js';

/** A request for a provider's API that passed every check which needs no store. */
export interface ArrivedCall {
  req: Request;
  res: Response;
  next: NextFunction;
  provider: Provider;
  /** Of the upstream's request. */
  path: string;
  /** The methods that the path may be called with. */
  methods: readonly string[];
  /** Its body is judged: see graphql-call.ts. */
  judged: boolean;
  /** By `performance.now`. */
  arrivedAt: number;
}

/** The connection that a call is made with. */
export interface FoundConnection {
  browserId: string;
  session: Session;
  ref: ConnectionRef;
  connection: LiveConnection;
}

/** With what follows from it for each of its calls. */
export interface CalledConnection extends FoundConnection {
  parties: Parties;
  target: CallTarget;
}
