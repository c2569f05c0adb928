import { MlopsError } from '@nx-mlops/core';

/** One paragraph for a failure that a person can mend; the stack where it is a mistake in the script. */
export function failureMessage(error: unknown, verbose: boolean): string {
  if (error instanceof MlopsError && !verbose) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
