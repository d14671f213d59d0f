/* An ESLint rule: an import stays within its room or leads to a room that build/house.js names. */
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mayImport, roomOf } from './house.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @type {import('eslint').Rule.RuleModule} */
const rule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { wall: '{{ from }} may not import {{ to }} (build/house.js).' },
  },
  create(context) {
    const from = relative(root, context.filename).split(sep).join('/');
    /** @param {any} node any node with a source: an import or export declaration, `import()` as an expression or a type */
    const check = (node) => {
      const specifier = node.source?.value;
      if (typeof specifier !== 'string' || !specifier.startsWith('.')) return;
      const to = join(dirname(from), specifier).split(sep).join('/');
      if (mayImport(from, to)) return;
      context.report({ node, messageId: 'wall', data: { from: roomOf(from) ?? from, to: roomOf(to) ?? to } });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
    };
  },
};

export default { rules: { 'between-rooms': rule } };
