/** Thrown for a document that cannot be read, or that uses what this small reader leaves out (fragments, directives). */
export class GraphqlSyntaxError extends Error {
    name = 'GraphqlSyntaxError';
}
const token = /[\s,\uFEFF]+|#[^\n]*|(\.\.\.|[{}()[\]:$!=@|&]|"(?:[^"\\\n]|\\.)*"|-?\d+(?:\.\d+)?|[A-Za-z_]\w*)|(.)/gs;
/** Reads one operation (October 2021 specification, section 2), as far as clients of this API write them. */
export function parseOperation(document) {
    const tokens = [];
    for (const [, word, strange] of document.matchAll(token)) {
        if (strange !== undefined)
            throw new GraphqlSyntaxError('Unexpected character');
        if (word !== undefined)
            tokens.push(word);
    }
    const reader = createReader(tokens);
    const operation = reader.operation();
    if (reader.rest() > 0)
        throw new GraphqlSyntaxError('Only one operation without fragments is understood');
    return operation;
}
function createReader(tokens) {
    let at = 0;
    const peek = () => tokens[at];
    const next = () => {
        const word = tokens[at++];
        if (word === undefined)
            throw new GraphqlSyntaxError('Unexpected end of document');
        return word;
    };
    const take = (word) => peek() === word && ++at > 0;
    const expect = (word) => {
        if (!take(word))
            throw new GraphqlSyntaxError(`Expected ${word}`);
    };
    const name = () => {
        const word = next();
        if (!/^[A-Za-z_]/.test(word))
            throw new GraphqlSyntaxError('Expected a name');
        return word;
    };
    function operation() {
        const kind = peek() === '{' ? 'query' : name();
        if (kind !== 'query' && kind !== 'mutation')
            throw new GraphqlSyntaxError('Expected query or mutation');
        if (peek() !== '{' && peek() !== '(')
            name();
        const variables = [];
        if (take('('))
            while (!take(')'))
                variables.push(variable());
        return { kind, variables, selection: selection() };
    }
    function variable() {
        expect('$');
        const variableName = name();
        expect(':');
        const required = type();
        const fallback = take('=') ? literal(value()) : undefined;
        return { name: variableName, required, fallback };
    }
    function type() {
        if (take('[')) {
            type();
            expect(']');
        }
        else
            name();
        return take('!');
    }
    function selection() {
        expect('{');
        const fields = [];
        while (!take('}'))
            fields.push(field());
        if (fields.length === 0)
            throw new GraphqlSyntaxError('Expected a field');
        return fields;
    }
    function field() {
        const first = name();
        const fieldName = take(':') ? name() : first;
        const given = {};
        if (take('('))
            while (!take(')')) {
                const argument = name();
                expect(':');
                given[argument] = value();
            }
        return { name: fieldName, key: first, arguments: given, selection: peek() === '{' ? selection() : [] };
    }
    function value() {
        if (take('$'))
            return { variable: name() };
        const word = next();
        if (word.startsWith('"'))
            return { literal: JSON.parse(word) };
        if (/^-?\d/.test(word))
            return { literal: Number(word) };
        if (word === 'true' || word === 'false')
            return { literal: word === 'true' };
        if (word === 'null')
            return { literal: null };
        if (/^[A-Za-z_]/.test(word))
            return { literal: word };
        throw new GraphqlSyntaxError('Expected a value');
    }
    return { operation, rest: () => tokens.length - at };
}
function literal(value) {
    if ('literal' in value)
        return value.literal;
    throw new GraphqlSyntaxError('A default value cannot be a variable');
}
