import type { Gatehouse } from './gatehouse.js';
import { describeError } from './log/log.js';

/** Milliseconds for which calls are accepted after /readyz has begun to fail: a load balancer asks every second or so. */
const acceptMs = 2_000;
/** Milliseconds after which the process ends whatever is under way: what orchestrators grant at the most, usually. */
const lastMomentMs = 29_000;
/** Each of these ends a process that does not handle it, and a refresh that is under way would lose its tokens. */
const endings = ['SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGALRM', 'SIGXCPU', 'SIGPWR'] as const;
/** Milliseconds in which a second SIGINT is the first one again: a terminal and npm both pass it on. */
const sameInterruptMs = 500;

/**
 * Ends the process in order, whatever signal asks for it: with time for a load balancer to notice, but for SIGINT (a person at
 * a terminal), and at once on a second SIGINT. A rejection that no code handled is logged and survived: it belongs to one
 * request. After an uncaught exception the state is unknown: what is under way is finished, and the exit code says that it
 * went wrong.
 */
export function stopOnSignals(gatehouse: Gatehouse): void {
  let stopping = false;
  let interruptedAt = Number.POSITIVE_INFINITY;
  const stop = (code: number, options: { acceptMs?: number } = {}): void => {
    if (code !== 0) process.exitCode = code;
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), lastMomentMs).unref();
    gatehouse.close(options).then(
      () => process.exit(),
      () => process.exit(1),
    );
  };
  for (const signal of endings) process.on(signal, () => stop(0, { acceptMs }));
  process.on('SIGINT', () => {
    if (performance.now() - interruptedAt > sameInterruptMs) process.exit(130);
    interruptedAt = Math.min(interruptedAt, performance.now());
    stop(0);
  });
  process.on('unhandledRejection', (reason) => {
    gatehouse.log.error('process.unhandled_rejection', describeError(reason));
  });
  process.on('uncaughtException', (error) => {
    gatehouse.log.error('process.uncaught_exception', describeError(error));
    stop(1, { acceptMs });
  });
}
