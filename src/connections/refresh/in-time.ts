/** Milliseconds by which a timer that comes so late says that the whole process was stopped. */
const stoppedMs = 500;
/** Milliseconds in which a process that was stopped reads what arrived meanwhile. */
const afterStopMs = 1_000;

/**
 * What a promise resolves to within so many milliseconds, else undefined. A process that was stopped finds its timers due
 * before its sockets are read, where the response may lie.
 */
export async function inTime<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  const due = performance.now() + ms;
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    const end = (): void => resolve(undefined);
    timer = setTimeout(() => {
      if (performance.now() - due < stoppedMs) end();
      else timer = setTimeout(end, afterStopMs);
    }, ms);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
