/*
 * `node build/check.js types lint`: runs the steps of these groups, as many at a time as there are cores, the longest first.
 * Prints the output of those that fail, and how long each took.
 */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const cache = 'node_modules/.cache';

/** The commands of each group, from node_modules/.bin. What they remember in `cache` only makes the next run shorter. */
const groups = {
  types: ['tsc --project .', 'tsc --project src/client', 'tsc --project views'],
  lint: [
    'oxlint --type-aware --deny-warnings --report-unused-disable-directives',
    `prettier --check --log-level warn --cache --cache-strategy content .`,
    'depcruise --output-type err src bench test',
    `eslint --cache --cache-strategy content --cache-location ${cache}/eslint .`,
  ],
};

const wanted = new Set(process.argv.slice(2));
const waiting = Object.entries(groups).flatMap(([name, steps]) => (wanted.has(name) ? steps : []));
if (waiting.length === 0) throw new Error(`nothing to check: name one of ${Object.keys(groups).join(', ')}`);

/** @param {string} step */
async function run(step) {
  const began = performance.now();
  const [program, ...args] = step.split(' ');
  const child = spawn(`node_modules/.bin/${program}`, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  /** @type {Promise<number | null>} */
  const ended = new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  const [code, output, errors] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  process.stdout.write(`${code === 0 ? 'ok' : 'FAILED'} ${program} ${args.slice(0, 2).join(' ')} (${seconds} s)\n`);
  if (code === 0) return;
  process.stdout.write(output + errors);
  process.exitCode = 1;
}

async function work() {
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) await run(step);
}

await Promise.all(Array.from({ length: availableParallelism() }, work));
