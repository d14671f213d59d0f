import type { Command } from './command.js';
import { listKeys } from './key-list.js';
import { resealRecords } from './key-reseal.js';
import { rotateKeys } from './key-rotate.js';
import { choosePart } from './read-arguments.js';

/** Replaces keys without signing anyone out. */
export const keys: Command = {
  help: `Usage: gatehouse keys rotate [--only session|encryption] [--behind | --promote] [--file PATH | --print]
       gatehouse keys reseal
       gatehouse keys list [--json]

rotate  puts a fresh value in front of SESSION_SECRET and of ENCRYPTION_KEYS: the first signs and encrypts, all of them
        verify and decrypt, so that no one is signed out. It changes the lines of .env, or of the file that --file
        names; --print writes the new lines to standard output instead, for deployments that keep secrets elsewhere
        (they hold the old values, too). Restart the server afterwards.
        Several processes that are restarted one by one must all know a key before one of them uses it:
        --behind puts the fresh value last; when all run with it, --promote moves the last one to the front.
reseal  encrypts every stored connection again, with the first key. It waits for connections that are in a refresh.
        Afterwards you can remove the old key from ENCRYPTION_KEYS.
list    shows which keys are listed, and how many records in the store each has encrypted. It shows ids and no key.

You can remove an old SESSION_SECRET when SESSION_MAX_SECONDS have passed: Gatehouse signs cookies in use again.
`,
  run: (args, surroundings) =>
    choosePart(
      'keys',
      { rotate: rotateKeys, reseal: resealRecords, list: listKeys },
      args[0],
    )(args.slice(1), surroundings),
};
