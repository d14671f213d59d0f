/** Files of the operator's folder that cannot be used, all of them at once. */
export class TemplateProblems extends Error {
  override readonly name = 'TemplateProblems';

  constructor(readonly problems: readonly { file: string; what: string }[]) {
    super(problems.map(({ file, what }) => `${file}: ${what}`).join('\n'));
  }
}
