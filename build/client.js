/*
 * Joins the modules of the front end into dist/client/gatehouse.js and gatehouse.d.ts: one address to load, one
 * fingerprint, and never two versions at once. The modules are written so that their top-level names differ; no bundler is
 * needed for that.
 */
import { minifySync } from '@swc/core';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @typedef {import('typescript')} TypeScript */
/** @typedef {{ ts: TypeScript, folder: string, extension: '.js' | '.d.ts', seen: Set<string> }} Joining */

/**
 * Does nothing where the result is newer than every module and than this file, and then loads no compiler either.
 * @param {string} from
 * @param {string} to
 */
export async function buildClient(from, to) {
  const modules = readdirSync(from).filter((name) => name.endsWith('.ts'));
  const sources = [...modules.map((name) => join(from, name)), from, fileURLToPath(import.meta.url)];
  const newest = Math.max(...sources.map(changedAt));
  if (['gatehouse.js', 'gatehouse.d.ts'].every((name) => changedAt(join(to, name)) > newest)) return;

  const { default: ts } = await import('typescript');
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  for (const extension of /** @type {const} */ (['.d.ts', '.js'])) {
    const statements = joined('gatehouse', true, { ts, folder: from, extension, seen: new Set() });
    refuseDoubles(ts, statements.join('\n'));
    const text = statements.filter(Boolean).join('\n');
    writeFileSync(join(to, `gatehouse${extension}`), `${extension === '.js' ? small(text) : text}\n`);
  }
}

/** @param {string} path */
function changedAt(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/**
 * The statements of a module after those of the modules that it imports, each module once.
 * @param {string} name
 * @param {boolean} isEntry
 * @param {Joining} joining
 * @returns {string[]}
 */
function joined(name, isEntry, joining) {
  const { ts, folder, extension, seen } = joining;
  if (seen.has(name)) return [];
  seen.add(name);
  const text = compiled(ts, join(folder, `${name}.ts`), extension);
  const source = ts.createSourceFile(`${name}${extension}`, text, ts.ScriptTarget.Latest, true);
  return source.statements.flatMap((statement) => {
    const isExport = ts.isExportDeclaration(statement);
    if (!isExport && !ts.isImportDeclaration(statement)) return [withoutExport(ts, statement, source, extension)];
    // `export {}` of a module that holds types alone names no other module.
    if (!statement.moduleSpecifier || !ts.isStringLiteral(statement.moduleSpecifier)) return [];
    const from = basename(statement.moduleSpecifier.text, '.js');
    const before = joined(from, false, joining);
    return isEntry && isExport ? [...before, exported(statement, source, join(folder, from))] : before;
  });
}

/**
 * The script of a module, or its types.
 * @param {TypeScript} ts
 * @param {string} path
 * @param {Joining['extension']} extension
 */
function compiled(ts, path, extension) {
  const compilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
    isolatedDeclarations: true,
    declaration: true,
  };
  const compile = extension === '.js' ? ts.transpileModule : ts.transpileDeclaration;
  return compile(readFileSync(path, 'utf8'), { fileName: path, compilerOptions }).outputText;
}

/**
 * `export { a } from './b.js'` as `export { a }`; `export type *` by the names that there are.
 * @param {import('typescript').ExportDeclaration} statement
 * @param {import('typescript').SourceFile} source
 * @param {string} from
 */
function exported(statement, source, from) {
  if (statement.exportClause) return `export ${statement.exportClause.getText(source)};`;
  const declared = readFileSync(`${from}.ts`, 'utf8');
  const names = [...declared.matchAll(/^export (?:interface|type) (\w+)/gm)].map(([, name]) => name);
  return `export type { ${names.join(', ')} };`;
}

/**
 * Scripts lose their comments, declarations keep them: editors show them.
 * @param {TypeScript} ts
 * @param {import('typescript').Statement} statement
 * @param {import('typescript').SourceFile} source
 * @param {Joining['extension']} extension
 */
function withoutExport(ts, statement, source, extension) {
  const printer = ts.createPrinter({ removeComments: true });
  const text =
    extension === '.js' ? printer.printNode(ts.EmitHint.Unspecified, statement, source) : statement.getFullText(source);
  const indented = text.trim().replace(/^(?: {4})+/gm, (spaces) => '\t'.repeat(spaces.length / 4));
  return indented.replace(/^((?:\/\*\*[\s\S]*?\*\/\s*)?)export (?=\w)/, '$1');
}

/**
 * Two modules may not use one name at their top level: joined, they would be one.
 * @param {TypeScript} ts
 * @param {string} text
 */
function refuseDoubles(ts, text) {
  const { statements } = ts.createSourceFile('joined.ts', text, ts.ScriptTarget.Latest);
  const names = statements.flatMap((statement) => {
    const declared = ts.isVariableStatement(statement) ? statement.declarationList.declarations : [statement];
    return declared.flatMap((each) => {
      const name = ts.getNameOfDeclaration(/** @type {import('typescript').Declaration} */ (each));
      return name && ts.isIdentifier(name) ? [name.text] : [];
    });
  });
  const doubles = names.filter((name, index) => names.indexOf(name) !== index && name !== 'global');
  if (doubles.length > 0) throw new Error(`several modules declare ${doubles.join(', ')}`);
}

/**
 * Local names and white space are short; what is exported keeps its name.
 * @param {string} script
 */
function small(script) {
  return minifySync(script, { module: true, compress: { passes: 3 }, mangle: true }).code;
}
