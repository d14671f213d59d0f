import { LineCounter, parseDocument, visit, type Document } from 'yaml';
import type { ConfigurationProblem } from '../config/configuration-error.js';
import { remedyFor, remedyForUnknown } from './key-remedies.js';
import { providerFile, type ProviderFile } from './schema.js';

export interface ReadFile {
  definition: ProviderFile;
  lineOf: (...path: PropertyKey[]) => number;
}

type Read = ReadFile | { problems: ConfigurationProblem[] };

/** Characters; far more than a provider has to say. */
const longest = 262_144;

/** Reads one provider file. Every problem names the file and the line; nothing is read from a file that has one. */
export function readProviderFile(source: string | undefined, file: string): Read {
  if (source === undefined) return refused(file, 'it cannot be read', 'Let this user read it, or move it away.');
  if (source.length > longest) return refused(file, 'it is too long for a provider file', 'Keep it under 256 KiB.');
  try {
    return read(source, file);
  } catch {
    // Aliases that multiply, or brackets without end.
    return refused(file, 'it is nested or repeated beyond reason', 'Write it without aliases, a few levels deep.');
  }
}

function refused(file: string, what: string, remedy: string): Read {
  return { problems: [{ where: `${file}:1`, what, remedy }] };
}

function read(source: string, file: string): Read {
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

  const dangling = danglingAliases(document);
  if (dangling.length > 0)
    return {
      problems: dangling.map(({ source: anchor, at }) => ({
        where: `${file}:${lines.linePos(at).line}`,
        what: `*${anchor} refers to nothing`,
        remedy: 'Set the anchor before it, or put the text into quotes.',
      })),
    };

  const checked = providerFile.safeParse(document.toJS());
  if (checked.success) return { definition: checked.data, lineOf: (...path) => lineOf(document, lines, path) };
  return {
    problems: checked.error.issues.flatMap((issue) => {
      const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
      return unknown.map((key) => {
        const path = key === undefined ? issue.path : [...issue.path, key];
        return {
          where: `${file}:${lineOf(document, lines, path)}`,
          what: key === undefined ? `${name(path)} ${sentence(issue.message)}` : `${name(path)} is not a known key`,
          remedy: key === undefined ? (remedyOf(issue) ?? remedyFor(path)) : remedyForUnknown(path),
        };
      });
    }),
  };
}

/** What the check itself says should be done. */
function remedyOf(issue: object): string | undefined {
  const { params } = issue as { params?: { remedy?: string } };
  return params?.remedy;
}

function danglingAliases(document: Document): { source: string; at: number }[] {
  const dangling: { source: string; at: number }[] = [];
  visit(document, {
    Alias: (_key, alias) => {
      if (!alias.resolve(document)) dangling.push({ source: alias.source, at: alias.range?.[0] ?? 0 });
    },
  });
  return dangling;
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
