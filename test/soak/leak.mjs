/*
 * Loaded before the server with NODE_OPTIONS=--import: a server that forgets a file and some of its memory ten times a second.
 */
import { openSync } from 'node:fs';

const kept = [];
setInterval(() => kept.push(openSync('/dev/null', 'r'), Array.from({ length: 262_144 }, Math.random)), 100).unref();
