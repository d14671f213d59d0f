import { LineCounter, parseDocument, type Document } from 'yaml';
import type { ConfigurationProblem } from '../config/configuration-error.js';
import { providerFile, type ProviderFile } from './schema.js';

/** Reads one provider file. Every problem names the file and the line; nothing is read from a file that has one. */
export function readProviderFile(
  source: string,
  file: string,
): { definition: ProviderFile } | { problems: ConfigurationProblem[] } {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const unreadable = [...document.errors, ...document.warnings];
  if (unreadable.length > 0)
    return {
      problems: unreadable.map((error) => ({
        where: `${file}:${lines.linePos(error.pos[0]).line}`,
        what: `this is not readable YAML (${error.message.split('\n')[0] ?? error.code})`,
        remedy: 'Mend the line; a text with special characters goes into quotes.',
      })),
    };

  const checked = providerFile.safeParse(document.toJS());
  if (checked.success) return { definition: checked.data };
  return {
    problems: checked.error.issues.flatMap((issue) => {
      const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
      return unknown.map((key) => {
        const path = key === undefined ? issue.path : [...issue.path, key];
        return {
          where: `${file}:${lineOf(document, lines, path)}`,
          what: key === undefined ? `${name(path)} ${sentence(issue.message)}` : `${name(path)} is not a known key`,
          remedy: key === undefined ? 'Correct the value.' : 'Remove it or correct its spelling.',
        };
      });
    }),
  };
}

/** The line of the node at a path, or of the nearest node above it that exists. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true) as { range?: [number, number, number] } | undefined;
    if (node?.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function name(path: readonly PropertyKey[]): string {
  return path.length === 0 ? 'the file' : path.map(String).join('.');
}

function sentence(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
