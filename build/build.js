/*
 * `npm run build`: the server and the module for front ends, in dist. `node build/build.js bench` compiles the measuring
 * programs, with the modules that they share with the server and the tests, into dist/bench.
 */
import { chmodSync, cpSync, mkdirSync, rmSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { buildClient } from './client.js';
import { compile } from './compile.js';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

if (process.argv[2] === 'bench') {
  for (const folder of ['src', 'test', 'bench']) compile(folder, `dist/bench/${folder}`, { without: ['client'] });
} else {
  mkdirSync('dist', { recursive: true });
  compile('src', 'dist', {
    without: ['client'],
    except: ['bench', 'client', 'providers/catalog', 'sandbox/pack/profiles'],
  });
  rmSync('dist/providers/catalog', { recursive: true, force: true });
  rmSync('dist/sandbox/pack/profiles', { recursive: true, force: true });
  cpSync('src/providers/catalog', 'dist/providers/catalog', { recursive: true });
  cpSync('src/sandbox/pack/profiles', 'dist/sandbox/pack/profiles', { recursive: true });
  chmodSync('dist/command-line/main.js', 0o755);
  await buildClient('src/client', 'dist/client');
}
