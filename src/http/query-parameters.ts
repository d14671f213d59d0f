/** A parameter that this server adds to the query of calls. */
export type OwnParameter = readonly [name: string, value: string];

/**
 * The path with these parameters at the end of its query, and without any that the caller wrote under their names, in any
 * case and however encoded: the caller never chooses them. The rest of the query stays as it came.
 */
export function withParameters(path: string, parameters: readonly OwnParameter[]): string {
  if (parameters.length === 0) return path;
  const start = path.indexOf('?');
  const names = new Set(parameters.map(([name]) => name.toLowerCase()));
  // Some servers separate with semicolons, too. Every other part is a separator.
  const parts = start === -1 ? [] : path.slice(start + 1).split(/([&;])/);
  let kept = '';
  for (let at = 0; at < parts.length; at += 2) {
    const pair = parts[at] ?? '';
    if (pair !== '' && !names.has(nameOf(pair))) kept += (kept === '' ? '' : (parts[at - 1] ?? '&')) + pair;
  }
  const own = parameters.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
  return `${start === -1 ? path : path.slice(0, start)}?${kept === '' ? '' : `${kept}&`}${own}`;
}

function nameOf(pair: string): string {
  const [written = ''] = pair.split('=', 1);
  try {
    return decodeURIComponent(written.replaceAll('+', ' ')).toLowerCase();
  } catch {
    return written.toLowerCase();
  }
}

/**
 * Strikes a token that went out in an address from the headers of a response, as a parameter and in any other place. `raw`
 * alternates names and values.
 */
export function strikeToken(raw: string[], [parameter, token]: OwnParameter): void {
  const forms = [
    ...new Set([token, encodeURIComponent(token), new URLSearchParams([['', token]]).toString().slice(1)]),
  ];
  for (let at = 1; at < raw.length; at += 2) {
    let value = raw[at] ?? '';
    for (const form of forms) {
      if (!value.includes(form)) continue;
      value = value.replaceAll(`${encodeURIComponent(parameter)}=${form}`, '').replaceAll(form, '');
      raw[at] = value.replace(/([?&])&+/g, '$1').replace(/[?&]+(?=$|[#>;,\s])/g, '');
    }
  }
}
