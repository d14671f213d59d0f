import { proxyFetch } from './proxy-fetch.js';

/**
 * Saves a file of the provider's API: calls it through Gatehouse and hands the answer to the browser as a download. `as`: the
 * file's name, in place of the one that the provider says. Answers the name. Throws as `fetch` does, and the Response where the
 * provider did not answer with a success.
 */
export async function download(key: string, path: string, as?: string): Promise<string> {
  const answer = await proxyFetch(key, path);
  if (!answer.ok) throw answer;
  const name = as ?? fileName(answer, path);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await answer.blob());
  link.download = name;
  link.click();
  // The browser reads the object after this turn.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return name;
}

/** RFC 6266: `filename*` counts before `filename`. The browser itself keeps folders out of a name. */
function fileName(answer: Response, path: string): string {
  const disposition = answer.headers.get('Content-Disposition') ?? '';
  const [, encoded] = /filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i.exec(disposition) ?? [];
  const [, quoted] = /filename\s*=\s*"((?:[^"\\]|\\.)*)"/i.exec(disposition) ?? [];
  const [, token] = /filename\s*=\s*([^";\s]+)/i.exec(disposition) ?? [];
  const last = path
    .replace(/[?#].*$/, '')
    .split('/')
    .filter(Boolean)
    .at(-1);
  return decoded(encoded) ?? quoted?.replace(/\\(.)/g, '$1') ?? token ?? last ?? 'download';
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
