import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

export interface ShellCommand {
  /** The page it stands on. */
  page: string;
  /** One command, with the variables before it taken away. */
  text: string;
}

/** Every page for people. */
export function pages(): string[] {
  const inDocs = readdirSync(`${root}docs`, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.md'),
  );
  const atRoot = readdirSync(root).filter((name) => name.endsWith('.md'));
  return [...atRoot, ...inDocs.map((name) => `docs/${name}`)].sort();
}

export const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');

/** Every command in a fenced block for the shell. Lines that only set variables are none. */
export function shellCommands(): ShellCommand[] {
  return pages().flatMap((page) =>
    [...read(page).matchAll(/^ *```(?:sh|bash|shell|console)\n([^]*?)^ *```$/gm)]
      .flatMap(([, block = '']) => block.replaceAll('\\\n', ' ').split(/\n|&&/))
      .map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
      .map((line) => line.replace(/^(?:(?:export\s+)?[A-Z][A-Z0-9_]*=\S*\s*)+/, ''))
      .filter((line) => line !== '')
      .map((text) => ({ page, text: text.replaceAll(/\s+/g, ' ') })),
  );
}

/** `gatehouse …` wherever a page names it, in a block or in a sentence. */
export function gatehouseMentions(): ShellCommand[] {
  return pages().flatMap((page) =>
    [...read(page).matchAll(/(?:`|^ *)(?:npx --no )?gatehouse ([a-z][^`\n]*)/gm)].map(([, text = '']) => ({
      page,
      text: text.trim(),
    })),
  );
}
