import type { Command } from './command.js';
import { choosePart } from './read-arguments.js';
import { listSessions } from './session-list.js';
import { revokeSessions } from './session-revoke.js';

/** What an operator may know of sessions, and do to them. */
export const sessions: Command = {
  help: `Usage: gatehouse sessions list [--owner NAME] [--provider ID] [--limit N] [--json]
       gatehouse sessions revoke TAG... [--forget-only]
       gatehouse sessions revoke --owner NAME [--forget-only]

list    shows the sessions: browser id (TAG), age, owner, and the status of each connection, with id and label where its
        provider has several; --json has them for all. It shows no token and nothing that opens a session: the browser id
        is the half of a session id that names it. Shows 1000 unless --limit says more.
revoke  ends sessions as a logout does, at once for every running process: deletes them here, then revokes their tokens at
        the providers. --forget-only leaves the providers alone. Each revocation is one line of the log.

Both work on the store that REDIS_URL names, with the configuration of the server (variables, and .env in development).
Exit code 1: a provider did not revoke (the session still ends), or there is no such session.
`,
  run: (args, surroundings) =>
    choosePart('sessions', { list: listSessions, revoke: revokeSessions }, args[0])(args.slice(1), surroundings),
};
