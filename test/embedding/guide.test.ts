import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import ts from 'typescript';
import { popupOf, startEmbeddingWorld, type EmbeddingWorld } from './world.js';

const guide = readFileSync(new URL('../../docs/embedding.md', import.meta.url), 'utf8');

/** The blocks of a language, as they stand in the guide. */
const blocks = (language: string): string[] =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, code = '']) => code);
const [plainPage = '', functions = '', policy = ''] = ['html', 'js', 'text'].map((language) => blocks(language)[0]);

let it: EmbeddingWorld;
beforeAll(async () => {
  it = await startEmbeddingWorld();
});
afterAll(() => it.close());

const here = (code: string) => code.replaceAll('https://connect.example.com', it.gate).replaceAll('invoiced', 'acme');

/** Opens a page on the allowed origin, under the guide's policy. */
async function open(html: string) {
  const { origin } = new URL(it.gate);
  it.serve('/app/guide', 'html', html, policy.trim().replaceAll('https://connect.example.com', origin));
  const page = await it.chromium.newPage();
  await page.goto(`${it.allowed}/app/guide`);
  return page;
}

test('every language of the guide has a test', () => {
  const languages = [...guide.matchAll(/^```(\w+)$/gm)].map(([, language]) => language);
  expect([...new Set(languages)].sort()).toEqual(['html', 'js', 'sh', 'text', 'ts', 'tsx', 'vue']);
});

test("the guide's plain page connects under the guide's policy", async () => {
  const page = await open(here(plainPage));
  const popup = await popupOf(page);
  await popup.click('#allow');
  await page.locator('connect-button[status=connected]').waitFor();
  expect(it.complaints).toEqual([]);
});

test("the guide's functions work as they stand", async () => {
  await it.chromium.context.clearCookies();
  it.serve('/app/guide.js', 'script', here(functions));
  const page = await open('<!doctype html><title>Guide</title>');
  await page.evaluate("import('/app/guide.js').then((guide) => void Object.assign(globalThis, guide))");
  expect(await page.evaluate('now.connections[0].status')).toBe('not_connected');
  const [popup] = await Promise.all([
    page.waitForEvent('popup'),
    page.evaluate('globalThis.ended = connectInWindow(); undefined'),
  ]);
  await popup.click('#allow');
  expect(await page.evaluate('ended')).toBe('connected');
  expect(await page.evaluate('invoices()')).toMatchObject({ url: '/invoices?per_page=25' });
  expect(await page.evaluate('leave()')).toEqual({ provider: 'acme', revocation: 'revoked' });
  await page.evaluate('void invoices()');
  await page.locator('#allow').waitFor();
  expect(it.complaints).toEqual([]);
});

test("the guide's commands name what there is", async () => {
  const [download = '', settings = ''] = blocks('sh');
  const [, path = ''] = /example\.com(\S+)/.exec(download) ?? [];
  expect((await it.world.browser.get(`${it.gate}${path}`)).status).toBe(200);
  expect(download).toContain('src/gatehouse-types.d.ts');
  expect(settings).toMatch(/^PUBLIC_URL=\S+ ALLOWED_ORIGINS=\S+$/m);
});

/** As much of the two libraries as the guide uses; the rest of its types are the served ones. */
const libraries = `
declare module 'react' {
  export function useState<T>(initial: T): [T, (next: T) => void];
  export function useEffect(effect: () => void | (() => void), dependencies: readonly unknown[]): void;
}
declare module 'react/jsx-runtime' {
  export namespace JSX {
    interface IntrinsicElements {
      p: { children?: unknown };
      button: { type: 'button'; disabled?: boolean; onClick?: () => void; children?: unknown };
    }
  }
  export const jsx: unknown;
  export const jsxs: unknown;
}
declare module 'vue' {
  export function onMounted(hook: () => void | Promise<void>): void;
  export function onUnmounted(hook: () => void): void;
  export function shallowRef<T>(): { value: T | undefined };
}`;

test("the guide's components fit the types that are served", async () => {
  const types = (await it.world.browser.get(`${it.gate}/gatehouse.d.ts`)).text;
  const [, vue = ''] = /<script setup lang="ts">([\s\S]*?)<\/script>/.exec(blocks('vue')[0] ?? '') ?? [];
  const files = new Map([
    ['/src/gatehouse-types.d.ts', types],
    ['/src/libraries.d.ts', libraries],
    ['/src/component.ts', `${vue}\nexport { session };`],
    ...[...blocks('ts'), ...blocks('tsx')].map((code) => [`/${/^\/\/ (\S+)/.exec(code)?.[1] ?? ''}`, code] as const),
  ]);
  const options: ts.CompilerOptions = {
    ...{ strict: true, noEmit: true, skipLibCheck: true, exactOptionalPropertyTypes: true, types: [] },
    ...{ lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'], target: ts.ScriptTarget.ES2022 },
    ...{ module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, jsx: ts.JsxEmit.ReactJSX },
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.getSourceFile = (name, ...rest) => {
    const text = files.get(name);
    return text === undefined ? getSourceFile(name, ...rest) : ts.createSourceFile(name, text, ts.ScriptTarget.ES2022);
  };
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.directoryExists = (name) => name === '/src' || !name.startsWith('/src');
  const found = ts.getPreEmitDiagnostics(ts.createProgram([...files.keys()], options, host));
  expect(found.map(({ file, messageText }) => [file?.fileName, messageText])).toEqual([]);
  expect([...files.keys()].sort()).toContain('/src/use-session.tsx');
});
