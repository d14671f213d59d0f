/** A failure as a person reads it: what it is, and what to do about it. */
export interface ProblemText {
  title: string;
  action: string;
}
