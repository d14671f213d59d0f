/** What `work` comes to, or, if that takes longer than `limitMs`, what `late` answers or throws. */
export function within<T>(limitMs: number, work: Promise<T>, late: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  }).then(late);
  return Promise.race([work, limit]).finally(() => clearTimeout(timer));
}
