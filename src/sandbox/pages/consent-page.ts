import { fullName, type Person } from '../state/people.js';
import { html, type Html } from './html.js';
import type { Page } from './page.js';
import { texts, type Locale, type Texts } from './texts.js';

export interface CompanyChoice {
  readonly id: string;
  readonly name: string;
  readonly detail: string;
}

export interface ConsentView {
  readonly provider: string;
  readonly locale: Locale;
  readonly realm: string;
  readonly interaction: string;
  readonly person: Person;
  /** What the client will be able to do, a line each. */
  readonly permissions: readonly string[];
  /** Undefined: this provider has no company to choose. */
  readonly companies: readonly CompanyChoice[] | undefined;
}

/** Company choice and consent on one page; the first company is chosen already. */
export function consentPage({
  provider,
  locale,
  realm,
  interaction,
  person,
  permissions,
  companies,
}: ConsentView): Page {
  const t = texts[locale];
  return {
    title: `${t.asks(provider)} – ${provider}`,
    provider,
    locale,
    body: html`<h1>${t.asks(provider)}</h1>
      <p class="dim">
        ${t.signedInAs} ${fullName(person)}.
        <a href="/${realm}/interaction?id=${interaction}&amp;another=1">${t.another}</a>
      </p>
      <p>${t.mayDo}</p>
      <ul>
        ${permissions.map((permission) => html`<li>${permission}</li>`)}
      </ul>
      <form method="post" action="/${realm}/consent">
        <input type="hidden" name="interaction" value="${interaction}" />
        ${companies && companyChoice(companies, t)}
        <div class="buttons">
          ${
            companies?.length === 0
              ? undefined
              : html`<button class="first" type="submit" name="decision" value="allow">${t.allow}</button>`
          }
          <button type="submit" name="decision" value="deny">${t.deny}</button>
        </div>
      </form>`,
  };
}

function companyChoice(companies: readonly CompanyChoice[], t: Texts): Html {
  if (companies.length === 0) return html`<p class="bad">${t.noCompany}</p>`;
  return html`<fieldset>
    <legend>${t.company}</legend>
    ${companies.map(
      ({ id, name, detail }, index) =>
        html`<label class="choice">
          <input type="radio" name="company" value="${id}" ${index === 0 ? html`checked` : undefined} />
          <span>${name} <span class="dim">${detail}</span></span>
        </label>`,
    )}
  </fieldset>`;
}
