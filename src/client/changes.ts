import { base, session, sessionFromNow } from './requests.js';
import type { Session } from './types.js';

type Listener = (session: Session) => void;

const listeners = new Set<Listener>();
/** The tabs of this origin; on Gatehouse's own origin the page that ends a pop-up speaks here, too. */
export const tabs: BroadcastChannel = new BroadcastChannel(`gatehouse ${base.href}`);
tabs.addEventListener('message', () => void inform(sessionFromNow()));

let latest = 0;
let told = '';

/**
 * Calls `listener` with the session whenever it has changed: after connect, disconnect, logout and a refused call, in this
 * tab and in the others. Answers how to stop.
 */
export function onChange(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Something has changed: this tab is told, and the others. */
export async function announceChange(): Promise<void> {
  tabs.postMessage('changed');
  await inform(sessionFromNow());
}

/** Something may have changed: it is told where the session differs from what was told last. */
export async function announceIfChanged(): Promise<void> {
  const before = told;
  await inform(session(), true);
  if (told !== before) tabs.postMessage('changed');
}

async function inform(asked: Promise<Session>, onlyIfNew = false): Promise<void> {
  const turn = ++latest;
  const now = await asked.catch(() => undefined);
  if (!now || turn !== latest) return;
  const summary = JSON.stringify(
    now.connections.map(({ id, provider, status, label, account }) => [id, provider, status, label, account]),
  );
  const known = `${now.session.active}${summary}`;
  if (onlyIfNew && known === told) return;
  told = known;
  for (const listener of [...listeners]) listener(now);
}
