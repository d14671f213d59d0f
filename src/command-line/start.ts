import type { Command } from './command.js';
import { readArguments } from './read-arguments.js';

/** The server itself, as `node dist/main.js` starts it. */
export const start: Command = {
  help: `Usage: gatehouse start

Starts the server in the foreground. It is set up by environment variables alone (docs/configuration.md); in development
also by a .env file in the current folder. With no provider set up, in development, the sandbox runs beside it.

SIGTERM ends it: calls under way are finished, new ones are taken for two more seconds. Ctrl-C ends it without the wait.
`,
  run: async (args) => {
    readArguments(args, {});
    // It goes on by itself, and ends the process by itself.
    await import('../main.js');
    return 0;
  },
};
