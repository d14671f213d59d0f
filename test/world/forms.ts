export interface FormButton {
  name: string;
  value: string;
  label: string;
  action?: string;
}

export interface Form {
  /** The id or name attribute. */
  id: string;
  /** As written; empty when absent. */
  action: string;
  method: 'get' | 'post';
  /** What a browser would send untouched, without any button: successful controls in order (HTML, "form data set"). */
  fields: [name: string, value: string][];
  /** Names of password inputs, which tell a sign-in form from a consent form. */
  passwords: string[];
  /** Names of visible text-like inputs that are empty. */
  empty: string[];
  buttons: FormButton[];
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

export function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]+)|#(\d+)|([a-z]+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (hex) return String.fromCodePoint(parseInt(hex, 16));
      if (decimal) return String.fromCodePoint(Number(decimal));
      return entities[name?.toLowerCase() ?? ''] ?? whole;
    },
  );
}

function attributesOf(browserId: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = '', double, single, bare] of browserId.matchAll(
    /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g,
  ))
    attributes.set(name.toLowerCase(), decodeEntities(double ?? single ?? bare ?? ''));
  return attributes;
}

function textOf(html: string): string {
  return decodeEntities(html.replace(/<[^>]*>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();
}

function selected(options: string): string {
  const all = [...options.matchAll(/<option\b([^>]*)>([^<]*)/gi)].map(([, browserId = '', label = '']) => ({
    attributes: attributesOf(browserId),
    label: textOf(label),
  }));
  const chosen = all.find(({ attributes }) => attributes.has('selected')) ?? all[0];
  return chosen ? (chosen.attributes.get('value') ?? chosen.label) : '';
}

function buttonOf(attributes: Map<string, string>, label: string): FormButton {
  const action = attributes.get('formaction');
  return {
    name: attributes.get('name') ?? '',
    value: attributes.get('value') ?? '',
    label,
    ...(action === undefined ? {} : { action }),
  };
}

function readInput(form: Form, attributes: Map<string, string>): void {
  const name = attributes.get('name') ?? '';
  const type = (attributes.get('type') ?? 'text').toLowerCase();
  if (type === 'submit' || type === 'image') form.buttons.push(buttonOf(attributes, attributes.get('value') ?? ''));
  if (!name || ['submit', 'image', 'button', 'reset', 'file'].includes(type)) return;
  if (type === 'radio' || type === 'checkbox') {
    if (attributes.has('checked')) form.fields.push([name, attributes.get('value') ?? 'on']);
    return;
  }
  if (type === 'password') form.passwords.push(name);
  if (type !== 'hidden' && !attributes.get('value')) form.empty.push(name);
  form.fields.push([name, attributes.get('value') ?? '']);
}

function parseForm(browserId: string, content: string): Form {
  const attributes = attributesOf(browserId);
  const form: Form = {
    id: attributes.get('id') ?? attributes.get('name') ?? '',
    action: attributes.get('action') ?? '',
    method: attributes.get('method')?.toLowerCase() === 'post' ? 'post' : 'get',
    fields: [],
    passwords: [],
    empty: [],
    buttons: [],
  };
  const controls = /<input\b([^>]*)>|<(select|textarea|button)\b([^>]*)>([\s\S]*?)<\/\2>/gi;
  for (const [, input, kind, controlTag = '', inner = ''] of content.matchAll(controls)) {
    const control = attributesOf(input ?? controlTag);
    const name = control.get('name') ?? '';
    if (control.has('disabled')) continue;
    if (input !== undefined) readInput(form, control);
    else if (kind?.toLowerCase() === 'select') form.fields.push([name, selected(inner)]);
    else if (kind?.toLowerCase() === 'textarea') form.fields.push([name, decodeEntities(inner)]);
    else if ((control.get('type') ?? 'submit').toLowerCase() === 'submit')
      form.buttons.push(buttonOf(control, textOf(inner)));
  }
  return form;
}

/** The forms of a page, as a browser would fill and send them. For pages of this world, not for any HTML. */
export function parseForms(html: string): Form[] {
  const visible = html.replace(/<!--[\s\S]*?-->/g, '').replace(/<script\b[\s\S]*?<\/script>/gi, '');
  return [...visible.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, browserId = '', content = '']) =>
    parseForm(browserId, content),
  );
}
