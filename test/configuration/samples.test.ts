import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { productionEnvironment, refusalHere } from './configurations.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8');

/** Every value that a file of ours shows for a variable that holds a secret. */
function shown(): { file: string; name: string; value: string }[] {
  const pages = readdirSync(`${root}docs`, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.md'),
  );
  const files = ['.env.example', 'README.md', 'docker-compose.yml', ...pages.map((name) => `docs/${name}`)];
  const pattern =
    /\b((?:[A-Z][A-Z0-9_]*_)?(?:CLIENT_SECRET|WEBHOOK_SECRET|OWNER_SECRET|SESSION_SECRET|ENCRYPTION_KEYS|REDIS_URL|SENTINEL_PASSWORD))=['"]?([^\s'"`,|]+)/g;
  return files.flatMap((file) =>
    [...read(file).matchAll(pattern)].map(([, name = '', value = '']) => ({ file, name, value })),
  );
}

/** Made by a command, taken from elsewhere, or without a secret in it. */
const isNoValue = ({ name, value }: { name: string; value: string }) =>
  /^(?:\$|"\$)/.test(value) || value.startsWith('/run/') || (name === 'REDIS_URL' && !value.includes('@'));

test('every secret that an example shows is refused in production', async () => {
  const samples = shown().filter((sample) => !isNoValue(sample));
  expect(samples.length).toBeGreaterThan(4);
  for (const { file, name, value } of samples) {
    const id = /^([A-Z][A-Z0-9_]*)_(?:CLIENT|WEBHOOK)_SECRET$/.exec(name)?.[1] ?? '';
    const known = ['LUCA', 'INVOICED', 'FINANCEFEAST', 'REQUEST_FINANCE'].includes(id);
    const under = id === '' || known ? name : name.replace(id, 'LUCA');
    const env = await productionEnvironment({
      [id === '' ? 'LUCA_CLIENT_ID' : `${known ? id : 'LUCA'}_CLIENT_ID`]: 'a',
      OWNER_AUDIENCE: 'x',
      [under]: value,
    });
    const refusal = await refusalHere(env);
    expect({ file, name, refusal }).toMatchObject({
      refusal: expect.stringMatching(new RegExp(`^ {2}${under}\\b.*(?:sample|not id:base64|shorter)`, 'm')),
    });
  }
});

test('the password of the compose file is refused in production', async () => {
  const [, password = ''] = /REDIS_PASSWORD:-([^}]+)\}/.exec(read('docker-compose.yml')) ?? [];
  expect(password).not.toBe('');
  const env = await productionEnvironment({ REDIS_URL: `redis://:${password}@redis:6379/0` });
  expect(await refusalHere(env)).toMatch(/^ {2}REDIS_URL \(its password\): this is a sample value/m);
});
