import type { Command } from './command.js';

interface Entry {
  /** One line of the list of commands. */
  summary: string;
  /** Each is read when it is called: most of them need most of the server. */
  load(): Promise<Command>;
}

/** Every command, by the word that calls it. */
export const commands: Readonly<Record<string, Entry>> = {
  start: { summary: 'start the server', load: async () => (await import('./start.js')).start },
  doctor: {
    summary: 'look for what is wrong, from Node to the providers',
    load: async () => (await import('./doctor.js')).doctor,
  },
  init: { summary: 'write a .env file with fresh secrets', load: async () => (await import('./init.js')).init },
  providers: {
    summary: 'list the providers, or check a provider file',
    load: async () => (await import('./providers.js')).providers,
  },
  sessions: {
    summary: 'list the sessions in the store, or end some',
    load: async () => (await import('./sessions.js')).sessions,
  },
  owners: {
    summary: 'list whose connections there are, or erase an owner',
    load: async () => (await import('./owners.js')).owners,
  },
  keys: { summary: 'change the secrets: rotate, reseal, list', load: async () => (await import('./keys.js')).keys },
};
