import { parseForms } from './forms.js';
import type { Form, FormButton } from './forms.js';

/** How a person fills and sends a form. */
export interface Filling {
  /** Id or name of the form, or a piece of its action; the first form when absent. */
  which?: string;
  /** The button pressed: itself, or by `name=value`, value or label. The first one when absent, as with the Enter key. */
  button?: string | RegExp | FormButton;
  /** Typed over what the page holds; a name that the page lacks is added. */
  values?: Record<string, string>;
}

export function chooseForm(html: string, { which }: Filling): Form {
  const forms = parseForms(html);
  const chosen =
    which === undefined ? forms[0] : forms.find(({ id, action }) => id === which || action.includes(which));
  if (!chosen) throw new Error(`the page has ${forms.length} forms, none of them ${which ?? 'at all'}`);
  return chosen;
}

export function findButton(form: Form, wanted: string | RegExp | FormButton): FormButton | undefined {
  if (typeof wanted === 'object' && 'label' in wanted) return wanted;
  return form.buttons.find(({ name, value, label }) => {
    if (typeof wanted === 'string') return [`${name}=${value}`, value, label, name].includes(wanted);
    return wanted.test(value) || wanted.test(label) || wanted.test(name);
  });
}

/** What the browser sends for a filled form: its method, its action and its data set. */
export function fillForm(
  form: Form,
  { button, values = {} }: Filling,
): { method: 'get' | 'post'; action: string; data: URLSearchParams } {
  const pressed = button === undefined ? form.buttons[0] : findButton(form, button);
  if (button !== undefined && !pressed)
    throw new Error(`the form has no button ${button instanceof RegExp ? button.source : JSON.stringify(button)}`);
  const data = new URLSearchParams(form.fields);
  if (pressed?.name) data.append(pressed.name, pressed.value);
  for (const [name, value] of Object.entries(values)) data.set(name, value);
  return { method: form.method, action: pressed?.action ?? form.action, data };
}
