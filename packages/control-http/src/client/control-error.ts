import type { ProblemCode } from '../problem.ts';

/** What a call failed with: one of the API's codes, or `unreachable`. The message says what is wrong and the way out. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
  readonly code: ProblemCode | 'unreachable';
  /** Of the answer; undefined if there was none. */
  readonly status: number | undefined;

  constructor(
    problem: { readonly code: ProblemCode | 'unreachable'; readonly detail: string },
    status: number | undefined,
    options?: ErrorOptions,
  ) {
    super(problem.detail, options);
    this.code = problem.code;
    this.status = status;
  }
}
