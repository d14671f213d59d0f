import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import ejs from 'ejs';
import { TemplateProblems } from './template-problems.js';

/** HTML that a template of ours has made; everything else is escaped. */
class Markup {
  constructor(readonly html: string) {}
  toString(): string {
    return this.html;
  }
}

type Locals = Readonly<Record<string, unknown>>;
type Template = (locals: Locals) => string;

/** Names that every template may use. */
const names = [
  'model',
  'it',
  'page',
  'body',
  't',
  'locale',
  'url',
  'asset',
  'format',
  'show',
  'problem',
  'mark',
  'styles',
] as const;

/**
 * Compiles every template of the folders once, the last folder first. Only `<%=` puts text into a page, and it escapes
 * all but what `show(name, it)` returns: another template's output. Throws TemplateProblems.
 */
export function compileTemplates(own: string, overrides?: string): (name: string, locals: Locals) => string {
  const problems: { file: string; what: string }[] = [];
  const templates = new Map<string, Template>();
  const add = (name: string, file: string, ours: boolean) => {
    try {
      templates.set(name, compile(file, ours));
    } catch (error) {
      problems.push({ file, what: whatIsWrong(error) });
    }
  };
  for (const [name, file] of templateFiles(own)) add(name, file, true);
  if (overrides !== undefined) {
    if (!isFolder(overrides)) problems.push({ file: overrides, what: 'there is no folder of this name' });
    for (const [name, file, part] of templateFiles(overrides)) {
      if (part || templates.has(name)) add(name, file, false);
      else problems.push({ file, what: `there is no page ${name} that it could replace` });
    }
  }
  if (problems.length > 0) throw new TemplateProblems(problems);

  const run = (name: string, locals: Locals): Markup => {
    const template = templates.get(name);
    if (!template) throw new Error(`there is no template ${name}`);
    const show = (other: string, it?: unknown): Markup => run(other, { ...locals, it });
    return new Markup(template({ ...locals, show }));
  };
  return (name, locals) => {
    const page: Record<string, unknown> = { title: '', scripts: [] };
    const body = run(name, { ...locals, page });
    return run('layout', { ...locals, page, body }).html;
  };
}

/** Without the blank lines where it is ours; in an operator's the line numbers of messages have to be right. */
function compile(file: string, ours: boolean): Template {
  const text = readFileSync(file, 'utf8');
  if (/<%-|-%>/.test(text)) throw new Error('it puts text into the page without escaping it; use <%= instead of <%-');
  return ejs.compile(text, {
    filename: file,
    strict: true,
    localsName: 'locals',
    destructuredLocals: [...names],
    rmWhitespace: ours,
    escape: toHtml,
  });
}

/**
 * What EJS says is wrong. Of a template that cannot be compiled that is the first line; of one that fails at work it is the
 * last, after the file, the line and some of the text.
 */
export function whatIsWrong(error: unknown): string {
  const lines = error instanceof Error ? error.message.split('\n') : [];
  const [first = ''] = lines;
  const place = /([^/\\]+\.ejs):(\d+)$/.exec(first);
  if (place) return `${place[1] ?? ''} line ${place[2] ?? ''}: ${lines.at(-1) ?? ''}`;
  return first.replace(/ in \S+ while compiling ejs$/, '').trim() || 'it cannot be read';
}

/** Only text, numbers and booleans can be put into a page; nothing stands for null and undefined. */
function toHtml(value?: unknown): string {
  if (value instanceof Markup) return value.html;
  if (value === null || value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return ejs.escapeXML(String(value));
  throw new TypeError(`a template puts ${typeof value === 'object' ? 'an object' : typeof value} into the page`);
}

/** Pages lie in the folder itself, parts of pages in `partials`. */
function templateFiles(folder: string): [name: string, file: string, part: boolean][] {
  const partials = join(folder, 'partials');
  return [folder, partials].filter(isFolder).flatMap((directory) =>
    readdirSync(directory)
      .filter((file) => file.endsWith('.ejs'))
      .map((file): [string, string, boolean] => [
        basename(file, '.ejs'),
        join(directory, file),
        directory === partials,
      ]),
  );
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
