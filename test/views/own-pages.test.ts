import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startApp } from '../world/app.js';
import { createBrowser } from '../world/browser.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'own-pages-'));
  for (const part of ['partials', 'assets']) await mkdir(join(folder, part));
});
afterEach(() => rm(folder, { recursive: true }));

test('VIEWS_DIR replaces pages, parts and assets by name, and the rest stays', async () => {
  await writeFile(join(folder, 'partials', 'footer.ejs'), '<footer>Acme, <%= locale %></footer>');
  await writeFile(join(folder, 'assets', 'custom.css'), ':root { --accent: navy }');
  const app = await startApp({ VIEWS_DIR: folder });
  try {
    const browser = createBrowser(app.url);
    const { text } = await browser.get('/?lang=nb', { accept: 'text/html' });
    expect(text).toContain('<footer>Acme, nb</footer>');
    expect(text).toContain('Tilkoblingene dine');
    const [, address = ''] = /href="(\/assets\/custom\.css[^"]*)"/.exec(text) ?? [];
    expect((await browser.get(address)).text).toBe(':root { --accent: navy }');
    expect((await browser.get('/assets/base.css')).status).toBe(200);
  } finally {
    await app.close();
  }
});

test('broken templates stop the start and are named beside every other problem', async () => {
  await writeFile(join(folder, 'home.ejs'), '<% if ( { %>');
  await writeFile(join(folder, 'partials', 'card.ejs'), '<%- it.name %>');
  const start = startApp({ VIEWS_DIR: folder, SESSION_IDLE_SECONDS: 'soon' });
  await expect(start).rejects.toThrow(/SESSION_IDLE_SECONDS/);
  await expect(start).rejects.toThrow(/VIEWS_DIR.*home\.ejs/);
  await expect(start).rejects.toThrow(/VIEWS_DIR.*card\.ejs: it puts text into the page without escaping/);
});

test('a VIEWS_DIR that is not there stops the start', async () => {
  await expect(startApp({ VIEWS_DIR: join(folder, 'none') })).rejects.toThrow(/VIEWS_DIR.*there is no folder/);
});
