import { userInfo } from 'node:os';

/** Who acts, for the log: the user of this machine; a container may know none. */
export function operatorName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
