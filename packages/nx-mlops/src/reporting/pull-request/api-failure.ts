/** A call of an API that did not succeed, before anybody knows what that means for the report. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';

  constructor(
    message: string,
    readonly details: {
      /** Absent when there was no answer at all. */
      readonly status?: number;
      /** Whether the same call may succeed a little later: an overload, a timeout, a lost connection. */
      readonly isPassing: boolean;
      /** Seconds that the server asks to wait. */
      readonly retryAfter?: number;
    },
    options: { cause?: unknown } = {},
  ) {
    super(message, options);
  }

  get status(): number | undefined {
    return this.details.status;
  }
}
