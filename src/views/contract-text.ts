import type { ProblemCode } from '../errors.js';
import type { Locale } from './locale.js';
import { problemTexts } from './messages.js';
import { contractNb } from './messages/contract-nb.js';

const codeList = /\b[a-z]+(?:_[a-z]+)*(?:, [a-z]+(?:_[a-z]+)+)+/;
const problem = /([a-z]+(?:_[a-z]+)+): [^.]+\./g;

/** A text of the OpenAPI document in the language of the page; in English where it is not known there. */
export function contractText(text: string, locale: Locale): string {
  if (locale === 'en') return text;
  // An answer that is a failure: each code with its title.
  if (text.replace(problem, '').trim() === '')
    return text.replace(problem, (sentence, code: string) =>
      Object.hasOwn(problemTexts[locale], code)
        ? `${code}: ${problemTexts[locale][code as ProblemCode].title}.`
        : sentence,
    );
  const codes = codeList.exec(text)?.[0];
  const known = contractNb[codes === undefined ? text : text.replace(codes, '{codes}')] ?? contractNb[text];
  return known === undefined ? text : known.replace('{codes}', codes ?? '');
}
