import { tabs, announceIfChanged } from './changes.js';
import { GatehouseError } from './gatehouse-error.js';
import { base, call } from './requests.js';

/** What the page that ends a pop-up says of the attempt: no code, no token, nothing that opens anything. */
export interface PopupOutcome {
  popup: string;
  /** The id of the connection; absent where it is not known. */
  connection?: string | null;
  error: string | null;
  status: number | null;
  request_id: string | null;
}

/** Opens the window. Only a click may do so, and only before anything is awaited. */
export function openPopup(provider: string): Window {
  const [width, height] = [520, 720];
  const left = Math.round(screenX + (outerWidth - width) / 2);
  const top = Math.round(screenY + (outerHeight - height) / 2);
  const features = `popup,width=${width},height=${height},left=${left},top=${top}`;
  const popup = window.open('', `gatehouse-${provider}`, features);
  if (!popup || popup.closed)
    throw new GatehouseError({ code: 'popup_blocked', detail: 'The browser blocked the window.', provider });
  popup.focus();
  return popup;
}

/** Milliseconds between two looks at the window, and before one that is gone counts as closed. */
const [look, patience, longest] = [400, 3_000, 600_000];

/**
 * Waits for the outcome; undefined when the window was closed before there was one. A provider's opener policy makes a
 * window look closed that is not: then the outcome is heard on the channel or asked of Gatehouse, and the person, whose
 * focus is still over there, is waited for.
 */
export function outcomeOf(popup: Window, id: string): Promise<PopupOutcome | undefined> {
  return new Promise((resolve) => {
    let [goneAt, awayAt, asking, over] = [0, 0, false, false];
    const finish = (outcome?: PopupOutcome): void => {
      over = true;
      clearInterval(timer);
      window.removeEventListener('message', hear);
      tabs.removeEventListener('message', hear);
      resolve(outcome);
    };
    const hear = ({ origin, data }: MessageEvent<Partial<PopupOutcome> | undefined>): void => {
      if (origin === base.origin && data?.popup === id) finish(data as PopupOutcome);
    };
    const check = async (): Promise<void> => {
      const now = Date.now();
      if (!document.hasFocus()) awayAt = now;
      if (!popup.closed) return;
      goneAt ||= now;
      if (asking) return;
      asking = true;
      const answer = (await call('GET', `api/popups/${id}`).catch(() => undefined)) as
        { outcome: PopupOutcome | null } | undefined;
      asking = false;
      if (over) return;
      const backFor = now - Math.max(goneAt, awayAt);
      if (answer?.outcome) finish(answer.outcome);
      else if (backFor > (awayAt ? look : patience) || now - goneAt > longest) {
        finish();
        // Should it be open after all, the person comes back from there once more.
        window.addEventListener('focus', () => void announceIfChanged(), { once: true });
      }
    };
    const timer = setInterval(() => void check(), look);
    window.addEventListener('message', hear);
    tabs.addEventListener('message', hear);
  });
}
