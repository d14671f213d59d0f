import { fullName, people, type Person } from '../state/people.js';
import { html } from './html.js';
import type { Page } from './page.js';
import { texts, type Locale } from './texts.js';

export interface SignInView {
  readonly provider: string;
  readonly locale: Locale;
  readonly realm: string;
  readonly interaction: string;
  readonly person: Person;
  readonly wrong: boolean;
}

export function signInPage({ provider, locale, realm, interaction, person, wrong }: SignInView): Page {
  const t = texts[locale];
  const others = people.filter((one) => one !== person);
  return {
    title: `${t.signIn} – ${provider}`,
    provider,
    locale,
    body: html`<h1>${provider}: ${t.signIn}</h1>
      ${wrong ? html`<p class="bad" role="alert">${t.wrong}</p>` : html`<p class="dim">${t.prefilled}</p>`}
      <form method="post" action="/${realm}/sign-in">
        <input type="hidden" name="interaction" value="${interaction}" />
        <label for="username">${t.username}</label>
        <input id="username" name="username" type="email" autocomplete="off" value="${person.username}" required />
        <label for="password">${t.password}</label>
        <input id="password" name="password" type="password" autocomplete="off" value="${person.password}" required />
        <div class="buttons"><button class="first" type="submit">${t.signIn}</button></div>
      </form>
      <p class="dim">
        ${t.others}
        ${others.map(
          (one) => html` <a href="/${realm}/interaction?id=${interaction}&amp;person=${one.id}">${fullName(one)}</a>`,
        )}
      </p>`,
  };
}
