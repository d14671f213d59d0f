import { html } from './html.js';
/** The provider's own error page: the browser stays here and never returns to the client. */
export function errorPage(provider, title, text) {
    return {
        title: `${title} – ${provider}`,
        provider,
        body: html `<h1>${title}</h1>
      <p>${text}</p>
      <p class="dim">
        ${provider} does not send you back from here. Close this page, or go back to where you came from.
      </p>`,
    };
}
