import { describeError, type Log, type LogFields } from '../../log/log.js';
import type { ForwardOutcome } from '../../proxy/forward.js';
import type { ArrivedCall } from './call.js';

type Line = (fields: LogFields) => void;

/** Beginnings of lines that are kept; beyond them lines are put together whole. */
const maxBeginnings = 1000;

/**
 * The line that every proxied call leaves. What the calls of a provider have in common is put into words once: the rest of a
 * line is short.
 */
export function createCallLog(log: Log): (call: ArrivedCall, outcome: ForwardOutcome) => void {
  const beginnings = new Map<string, Map<string, Line[]>>();
  let kept = 0;

  const lineOf = (provider: string, method: string, { source, status = 0 }: ForwardOutcome): Line => {
    let ofProvider = beginnings.get(provider);
    if (!ofProvider) beginnings.set(provider, (ofProvider = new Map<string, Line[]>()));
    const key = source === 'upstream' ? method : `${method} ${source}`;
    let ofMethod = ofProvider.get(key);
    if (!ofMethod) ofProvider.set(key, (ofMethod = []));
    const known = ofMethod[status];
    if (known) return known;
    const line = log.lines('proxy.call', { provider, method, source, status: status === 0 ? undefined : status });
    if (kept < maxBeginnings) {
      ofMethod[status] = line;
      kept += 1;
    }
    return line;
  };

  return ({ req, res, provider, arrivedAt }, outcome) => {
    const line = lineOf(provider.id, req.method, outcome);
    const fields = {
      ms: Math.round(performance.now() - arrivedAt),
      request_id: res.locals.requestId,
      traceparent: res.locals.traceparent,
    };
    line(outcome.brokenBy ? { ...fields, ...describeError(outcome.brokenBy) } : fields);
  };
}
