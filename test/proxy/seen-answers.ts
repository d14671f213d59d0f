/** An answer as a caller takes it who believes nothing but its framing (RFC 9112 section 6.3). */
export interface SeenAnswer {
  status: number;
  reason: string;
  head: string;
  body: string;
  /** The framing says that nothing is missing. `close`: only the end of the connection can say so. */
  whole: boolean | 'close';
  /** Whose words these are: the code of our own error, or the upstream. */
  source: string;
}

/** Every answer in these bytes, the last one perhaps in part. `methods` are those of the requests, GET where none is given. */
export function seenAnswers(text: string, methods: readonly string[] = []): SeenAnswer[] {
  const answers: SeenAnswer[] = [];
  let at = 0;
  while (at < text.length) {
    const end = text.indexOf('\r\n\r\n', at);
    const head = end === -1 ? text.slice(at) : text.slice(at, end);
    const line = /^HTTP\/1\.1 (\d{3}) ([^\r\n]*)/.exec(head);
    if (line === null) return [...answers, { ...nothing, head, body: text.slice(at) }];
    const [, status = '', reason = ''] = line;
    const source = /^x-gatehouse-error: (\w+)$/im.exec(head)?.[1] ?? 'upstream';
    const seen = { status: Number(status), reason, head, source };
    if (end === -1) return [...answers, { ...seen, body: '', whole: false }];
    if (seen.status < 200) {
      answers.push({ ...seen, body: '', whole: true });
      at = end + 4;
      continue;
    }
    const final = answers.filter((answer) => answer.status >= 200).length;
    const { body, length, whole } = content(text.slice(end + 4), head, seen.status, methods[final] ?? 'GET');
    answers.push({ ...seen, body, whole });
    at = end + 4 + length;
  }
  return answers;
}

const nothing: SeenAnswer = { status: 0, reason: '', head: '', body: '', whole: false, source: 'nobody' };

type Content = Pick<SeenAnswer, 'body' | 'whole'> & { length: number };

function content(text: string, head: string, status: number, method: string): Content {
  if (method === 'HEAD' || status === 204 || status === 304) return { body: '', length: 0, whole: true };
  if (/^transfer-encoding: chunked$/im.test(head)) return chunks(text);
  const length = /^content-length: (\d+) *$/im.exec(head)?.[1];
  if (length === undefined) return { body: text, length: text.length, whole: 'close' };
  const body = text.slice(0, Number(length));
  return { body, length: body.length, whole: body.length === Number(length) };
}

function chunks(text: string): Content {
  let body = '';
  let at = 0;
  for (;;) {
    const size = /^([0-9a-f]+)\r\n/i.exec(text.slice(at, at + 20));
    if (size === null) return { body, length: text.length, whole: false };
    const bytes = Number.parseInt(size[1] ?? '', 16);
    const from = at + size[0].length;
    const ended = text.slice(from + bytes, from + bytes + 2) === '\r\n';
    body += text.slice(from, from + bytes);
    if (!ended) return { body, length: text.length, whole: false };
    at = from + bytes + 2;
    if (bytes === 0) return { body, length: at, whole: true };
  }
}
