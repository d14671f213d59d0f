import type { ConnectionStatus } from './types.js';

/** What the button does when it is pressed. */
export type Action = 'connect' | 'add' | 'reconsent' | 'confirm' | 'choose' | 'disconnect' | 'none';

interface Texts {
  label: (status: ConnectionStatus | 'unknown', action: Action, name: string) => string;
  blocked: string;
  closed: string;
  refused: string;
  failed: (code: string) => string;
}

const en: Texts = {
  label: (status, action, name) =>
    ({
      connect: status === 'not_connected' ? `Connect ${name}` : `Reconnect ${name}`,
      add: `Connect another account at ${name}`,
      reconsent: `Grant the missing permission at ${name}`,
      confirm: `Confirm your account at ${name}`,
      choose: `Choose an organization at ${name}`,
      disconnect: `Disconnect ${name}`,
      none: {
        ...{ unknown: `${name} is not available`, not_connected: `${name} is not available` },
        provider_unavailable: `${name} cannot be reached`,
      }[status as string],
    })[action] ?? `Connected to ${name}`,
  blocked: 'Your browser blocked the window. Press again to continue in this one.',
  closed: 'The window closed before you finished.',
  refused: 'Access was not allowed.',
  failed: (code) => `This did not work (${code}). Try again.`,
};

const nb: Texts = {
  label: (status, action, name) =>
    ({
      connect: status === 'not_connected' ? `Koble til ${name}` : `Koble til ${name} på nytt`,
      add: `Koble til en konto til hos ${name}`,
      reconsent: `Gi tillatelsen som mangler hos ${name}`,
      confirm: `Bekreft kontoen din hos ${name}`,
      choose: `Velg en organisasjon hos ${name}`,
      disconnect: `Koble fra ${name}`,
      none: {
        ...{ unknown: `${name} er ikke tilgjengelig`, not_connected: `${name} er ikke tilgjengelig` },
        provider_unavailable: `${name} kan ikke nås`,
      }[status as string],
    })[action] ?? `Koblet til ${name}`,
  blocked: 'Nettleseren blokkerte vinduet. Trykk igjen for å fortsette i dette.',
  closed: 'Vinduet ble lukket før du var ferdig.',
  refused: 'Tilgangen ble ikke tillatt.',
  failed: (code) => `Dette gikk ikke (${code}). Prøv igjen.`,
};

/** Norwegian where the nearest `lang` says so, otherwise English. */
export function textsFor(element: Element): Texts {
  return /^(nb|nn|no)\b/i.test(element.closest<HTMLElement>('[lang]')?.lang ?? '') ? nb : en;
}
