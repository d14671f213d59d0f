import type { ProviderId } from '../provider-ids.js';
import { startOf, type Definition, type SwitchValue } from '../control/switch-definitions.js';
import { html, type Html } from './html.js';

/** The field of one switch; one that is not as at the start is marked. */
export function switchControl(
  provider: ProviderId,
  name: string,
  definition: Definition,
  value: SwitchValue | undefined,
): Html {
  const id = `${provider}-${name}`;
  const moved = value !== startOf(definition, provider) ? 'changed' : '';
  if (definition.kind === 'flag')
    // A box that is not ticked sends nothing; the last value of a name counts.
    return html`<div class="${moved}">
      <input type="hidden" name="${name}" value="false" />
      <label class="tick" for="${id}"
        ><input id="${id}" name="${name}" type="checkbox" value="true" ${value === true ? html`checked` : undefined} />
        <span>${definition.label}</span></label
      >
    </div>`;
  const label = html`<label for="${id}">${definition.label}</label>`;
  if (definition.kind === 'number')
    return html`<div class="${moved}">
      ${label}<input
        id="${id}"
        name="${name}"
        type="number"
        min="0"
        max="${definition.most}"
        value="${String(value)}"
      />
    </div>`;
  return html`<div class="${moved}">
    ${label}<select id="${id}" name="${name}">
      ${definition.values.map((one) => html`<option ${one === value ? html`selected` : undefined}>${one}</option>`)}
    </select>
  </div>`;
}
