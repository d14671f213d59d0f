/** The label names of every sample name in the text that Prometheus reads. */
export function exposedLabels(text: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const line of text.split('\n')) {
    const [, name, labels = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? [^ ]+$/.exec(line) ?? [];
    if (name === undefined) continue;
    const names = found.get(name) ?? new Set();
    for (const [, label = ''] of labels.matchAll(/([a-zA-Z_]\w*)="(?:[^"\\]|\\.)*"/g)) names.add(label);
    found.set(name, names);
  }
  return found;
}

export interface Used {
  metric: string;
  labels: string[];
}

/** Words of PromQL that stand where a metric could stand. */
const words = new Set(['and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan', 'on', 'ignoring']);

/**
 * What an expression asks for: every metric with the labels that are matched on it or grouped by. Grouping applies to all
 * metrics of the expression, which is stricter than PromQL and true of ours.
 */
export function usedIn(expression: string): Used[] {
  const grouped: string[] = [];
  const plain = expression
    .replace(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g, (_all, list: string) => {
      grouped.push(...list.split(',').map((each) => each.trim()));
      return ' ';
    })
    .replace(/\[[^\]]*\]/g, '');
  const used: Used[] = [];
  for (const [, name = '', matchers = ''] of plain.matchAll(
    /([a-zA-Z_:][\w:]*)(?!\w)\s*(?!\()(?:\{((?:[^}"]|"(?:[^"\\]|\\.)*")*)\})?/g,
  )) {
    const isCall = new RegExp(`\\b${name}\\s*\\(`).test(plain);
    if (isCall || words.has(name) || isInQuotes(plain, name)) continue;
    const matched = [...matchers.matchAll(/([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label);
    used.push({ metric: name, labels: [...matched, ...grouped].filter((label) => label !== '') });
  }
  return used;
}

function isInQuotes(text: string, name: string): boolean {
  return !text.replace(/"(?:[^"\\]|\\.)*"/g, '').includes(name) || !name.includes('_');
}
