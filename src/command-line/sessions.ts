import type { Command } from './command.js';
import { choosePart } from './read-arguments.js';
import { listSessions } from './session-list.js';
import { revokeSessions } from './session-revoke.js';

/** What an operator may know of sessions, and do to them. */
export const sessions: Command = {
  help: `Usage: gatehouse sessions list [--owner NAME] [--provider ID] [--limit N] [--json]
       gatehouse sessions revoke TAG... [--forget-only]
       gatehouse sessions revoke --owner NAME [--forget-only]

list    the sessions: their tag, age, owner, and the status of each connection. Nothing in it opens a session: the tag is
        the half of a session's id that names it, and no token is shown. Shows 1000 unless --limit says more.
revoke  ends sessions as a logout does, at once for every running process: forgets them here, then revokes their tokens at
        the providers. --forget-only leaves the providers alone. Each act is one line of the log.

Both work on the store that REDIS_URL names, with the configuration of the server (variables, and .env in development).
Exit code 1: a provider did not revoke (the session is ended all the same), or no such session was found.
`,
  run: (args, surroundings) =>
    choosePart('sessions', { list: listSessions, revoke: revokeSessions }, args[0])(args.slice(1), surroundings),
};
