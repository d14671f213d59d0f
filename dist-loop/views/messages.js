import { en } from './messages/en.js';
import { nb } from './messages/nb.js';
import { problemsEn } from './messages/problems-en.js';
import { problemsNb } from './messages/problems-nb.js';
export const messages = { en, nb };
export const problemTexts = {
    en: problemsEn,
    nb: problemsNb,
};
