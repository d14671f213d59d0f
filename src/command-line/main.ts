#!/usr/bin/env node
import { readVariables } from '../read-variables.js';
import { runCommand } from './run-command.js';
import { processSurroundings } from './surroundings.js';

const code = await runCommand(process.argv.slice(2), processSurroundings(readVariables()));
// Not process.exit: what was written to a pipe has to leave first, and `start` goes on.
if (code !== 0) process.exitCode = code;
