import type { ProblemCode } from '../errors.js';
import type { Locale } from './locale.js';
import { en, type Messages } from './messages/en.js';
import { nb } from './messages/nb.js';
import type { ProblemText } from './messages/problem-text.js';
import { problemsEn } from './messages/problems-en.js';
import { problemsNb } from './messages/problems-nb.js';

export type { Messages, ProblemText };

export const messages: Readonly<Record<Locale, Messages>> = { en, nb };

export const problemTexts: Readonly<Record<Locale, Readonly<Record<ProblemCode, ProblemText>>>> = {
  en: problemsEn,
  nb: problemsNb,
};
