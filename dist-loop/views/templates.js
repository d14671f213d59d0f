import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ejs from 'ejs';
/** HTML that a template of ours has made; everything else is escaped. */
class Markup {
    html;
    constructor(html) {
        this.html = html;
    }
    toString() {
        return this.html;
    }
}
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
];
/**
 * Compiles every template of the folders once, the last folder first. Only `<%=` puts text into a page, and it escapes
 * all but what `show(name, it)` returns: another template's output.
 */
export function compileTemplates(folders) {
    const templates = new Map();
    for (const folder of folders) {
        for (const [name, file] of templateFiles(folder))
            templates.set(name, compile(file));
    }
    const run = (name, locals) => {
        const template = templates.get(name);
        if (!template)
            throw new Error(`there is no template ${name}`);
        const show = (other, it) => run(other, { ...locals, it });
        return new Markup(template({ ...locals, show }));
    };
    return (name, locals) => {
        const page = { title: '', scripts: [] };
        const body = run(name, { ...locals, page });
        return run('layout', { ...locals, page, body }).html;
    };
}
function compile(file) {
    const text = readFileSync(file, 'utf8');
    if (/<%-|-%>/.test(text))
        throw new Error(`${file} puts text into the page without escaping it`);
    return ejs.compile(text, {
        filename: file,
        strict: true,
        localsName: 'locals',
        destructuredLocals: [...names],
        rmWhitespace: true,
        escape: toHtml,
    });
}
/** Only text, numbers and booleans can be put into a page; nothing stands for null and undefined. */
function toHtml(value) {
    if (value instanceof Markup)
        return value.html;
    if (value === null || value === undefined)
        return '';
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
        return ejs.escapeXML(String(value));
    throw new TypeError(`a template puts ${typeof value === 'object' ? 'an object' : typeof value} into the page`);
}
/** Pages lie in the folder itself, parts of pages in `partials`. */
function templateFiles(folder) {
    return [folder, join(folder, 'partials')].filter(existsSync).flatMap((directory) => readdirSync(directory)
        .filter((file) => file.endsWith('.ejs'))
        .map((file) => [file.slice(0, -'.ejs'.length), join(directory, file)]));
}
