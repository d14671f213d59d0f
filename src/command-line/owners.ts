import type { Command } from './command.js';
import { eraseOwners } from './owner-erase.js';
import { listOwners } from './owner-list.js';
import { choosePart } from './read-arguments.js';

/** Whose connections there are, with CONNECTIONS=owner. */
export const owners: Command = {
  help: `Usage: gatehouse owners list [--exact NAME] [--json]
       gatehouse owners erase NAME [--issuer URL]

list   shows the owners, and how many connections and sessions each has: by the name that the application gave, or by issuer and
       subject where they signed in by a Connect button. It shows no token. --exact shows those of this name alone.
erase  deletes everything of an owner: ends the sessions, deletes the connections here, then revokes their tokens at the
       providers, and says what came of each. An erasure that was interrupted is completed by another one. With --issuer, NAME
       is the subject of a person who signed in at this issuer.

Both work on the store that REDIS_URL names, with the configuration of the server (variables, and .env in development).
Exit code 1: a provider did not revoke (the owner is erased all the same), or there is no such owner.
`,
  run: (args, surroundings) =>
    choosePart('owners', { list: listOwners, erase: eraseOwners }, args[0])(args.slice(1), surroundings),
};
