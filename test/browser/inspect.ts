import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  id: string;
  nodes: { html: string; any: { message: string }[] }[];
}

/** Light is looked at whole; of dark nothing but the colours is different. */
const rules = {
  light: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  dark: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] },
};

/**
 * What is wrong with the page as it stands: axe's findings in light and in dark, and what is wider than a small phone
 * (320 pixels, WCAG 2.2 section 1.4.10). The page is left in light and at its width.
 */
export async function inspect(page: Page): Promise<string[]> {
  const found: string[] = [];
  await page.evaluate(axe);
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const { violations } = await page.evaluate<{ violations: Violation[] }>(
      `axe.run(document, ${JSON.stringify({ runOnly: rules[colorScheme], resultTypes: ['violations'] })})`,
    );
    for (const { id, nodes } of violations)
      for (const { html, any } of nodes)
        found.push(`${colorScheme} ${id}: ${html.slice(0, 200)} ${any[0]?.message ?? ''}`);
  }
  const size = page.viewportSize() ?? { width: 1280, height: 720 };
  await page.setViewportSize({ width: 320, height: 640 });
  const width = await page.evaluate<number>('document.documentElement.scrollWidth');
  if (width > 320) found.push(`at 320 pixels the page is ${width} wide`);
  await page.setViewportSize(size);
  return found;
}
