import { listen } from '../../test/world/listen.js';
import { canaryOf, type Grants } from './grants.js';

export interface Api {
  origin: string;
  /** Resets the connection of one call in so many instead of answering; 0: none. */
  resetOneIn: number;
  close(): Promise<void>;
}

/** An API that answers with the canary of whoever the bearer token belongs to, and 401 to any other token. */
export async function startApi(grants: Grants): Promise<Api> {
  let calls = 0;
  const canaries = new Map<string, Buffer>();
  const canary = (subject: string): Buffer => {
    const known = canaries.get(subject) ?? Buffer.from(canaryOf(subject));
    canaries.set(subject, known);
    return known;
  };
  const { origin, close } = await listen((req, res) => {
    calls += 1;
    if (api.resetOneIn > 0 && calls % api.resetOneIn === 0) {
      req.socket.resetAndDestroy();
      return;
    }
    const subject = grants.refOf(req.headers.authorization?.slice('Bearer '.length) ?? '');
    const body = subject === undefined ? undefined : canary(subject);
    res.writeHead(body ? 200 : 401, { 'content-type': 'text/plain', 'content-length': body?.length ?? 0 }).end(body);
  });
  const api: Api = { origin, resetOneIn: 0, close };
  return api;
}
