/*
 * Joins the compiled modules of the front end into dist/client/gatehouse.js and gatehouse.d.ts: one address to load, one
 * fingerprint, and never two versions at once. The modules are written so that their top-level names differ; no bundler is
 * needed for that. The script is then made small by the compiler that the tests use; where that has no binary for this
 * machine, it is served as it is joined.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import ts from 'typescript';

const folder = new URL('../../dist/client/', import.meta.url);
const printer = ts.createPrinter({ removeComments: true });

/** The statements of a module after those of the modules that it imports, each module once. */
function join(name, extension, seen, isEntry) {
  if (seen.has(name)) return [];
  seen.add(name);
  const file = `${name}${extension}`;
  const source = ts.createSourceFile(
    file,
    readFileSync(new URL(`modules/${file}`, folder), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  return source.statements.flatMap((statement) => {
    const from = statement.moduleSpecifier?.text.replace(/^\.\/(.*)\.js$/, '$1');
    const before = from === undefined ? [] : join(from, extension, seen, false);
    if (ts.isImportDeclaration(statement)) return before;
    if (ts.isExportDeclaration(statement)) return [...before, ...(isEntry ? [exported(statement, source, from)] : [])];
    return [withoutExport(statement, source, extension)];
  });
}

/** `export { a } from './b.js'` as `export { a }`; `export type *` by the names that there are. */
function exported(statement, source, from) {
  if (statement.exportClause) return `export ${statement.exportClause.getText(source)};`;
  const declared = readFileSync(new URL(`modules/${from}.d.ts`, folder), 'utf8');
  const names = [...declared.matchAll(/^export (?:interface|type) (\w+)/gm)].map(([, name]) => name);
  return `export type { ${names.join(', ')} };`;
}

/** Scripts lose their comments, declarations keep them: editors show them. */
function withoutExport(statement, source, extension) {
  const text =
    extension === '.js' ? printer.printNode(ts.EmitHint.Unspecified, statement, source) : statement.getFullText(source);
  const indented = text.trim().replace(/^(?: {4})+/gm, (spaces) => '\t'.repeat(spaces.length / 4));
  return indented.replace(/^((?:\/\*\*[\s\S]*?\*\/\s*)?)export (?=\w)/, '$1');
}

/** Two modules may not use one name at their top level: joined, they would be one. */
function refuseDoubles(text) {
  const { statements } = ts.createSourceFile('joined.ts', text, ts.ScriptTarget.Latest);
  const declared = statements.flatMap((each) => each.declarationList?.declarations ?? [each]);
  const names = declared.flatMap(({ name }) => (name?.text === undefined ? [] : [name.text]));
  const doubles = names.filter((name, index) => names.indexOf(name) !== index && name !== 'global');
  if (doubles.length > 0) throw new Error(`several modules declare ${doubles.join(', ')}`);
}

/** Local names and white space are short; what is exported keeps its name. */
async function small(script) {
  const compiler = await import('@swc/core').catch(() => undefined);
  return compiler ? compiler.minifySync(script, { module: true, compress: { passes: 3 }, mangle: true }).code : script;
}

for (const extension of ['.js', '.d.ts']) {
  const statements = join('gatehouse', extension, new Set(), true);
  refuseDoubles(statements.join('\n'));
  const text = statements.filter(Boolean).join('\n');
  writeFileSync(new URL(`gatehouse${extension}`, folder), `${extension === '.js' ? await small(text) : text}\n`);
}
rmSync(new URL('modules/', folder), { recursive: true });
