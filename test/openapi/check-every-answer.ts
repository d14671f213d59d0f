import { withoutPrefix } from '../../src/middleware/base-path.js';
import { inspectAnswers } from '../world/our-answers.js';
import type { AnswerCheck } from './every-answer.js';

/*
 * Before each test file: every answer of ours that a client of the tests sees is held against the document, so that one
 * that is not documented fails the test that met it.
 */
let check: Promise<AnswerCheck> | undefined;

inspectAnswers(async (request, path, base, answer) => {
  check ??= import('./every-answer.js').then(({ answerCheck }) => answerCheck());
  const wrong = (await check)(request, withoutPrefix(path, base), answer);
  if (wrong.length > 0)
    throw new Error(
      `The answer ${answer.status} to ${request.method} ${path} goes against the OpenAPI document: ${wrong.join('; ')}`,
    );
});
