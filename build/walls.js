/*
 * An ESLint rule: an import stays within its room or leads to a room that the table names. The table is an option, so that
 * ESLint's cache ends with it.
 */
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { roomOf } from './house.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @type {import('eslint').Rule.RuleModule} */
const rule = {
  meta: {
    type: 'problem',
    schema: [{ type: 'object' }],
    messages: { wall: '{{ from }} may not import {{ to }} (build/house.js).' },
  },
  create(context) {
    /** @type {{ house: Record<string, readonly string[]>, ground: readonly string[] }} */
    const { house, ground } = context.options[0];
    const from = relative(root, context.filename).split(sep).join('/');
    /** @param {any} node any node with a source: an import or export declaration, `import()` as an expression or a type */
    const check = (node) => {
      const specifier = node.source?.value;
      if (typeof specifier !== 'string' || !specifier.startsWith('.')) return;
      const to = join(dirname(from), specifier).split(sep).join('/');
      const [room, other] = [roomOf(from) ?? from, roomOf(to) ?? to];
      if (room === other || ground.includes(other) || house[room]?.includes(other)) return;
      context.report({ node, messageId: 'wall', data: { from: room, to: other } });
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
