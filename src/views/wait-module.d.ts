/** The pages' own script that reads how long a provider asks to be left alone; the server uses it, too. */
declare module '*/views/assets/wait.js' {
  /** `now` is milliseconds since the epoch; answers seconds. */
  export function waitOf(headers: Headers, now: number): number | undefined;
}
