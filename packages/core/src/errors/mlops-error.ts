/** Where a failure is: a file, and inside it a path such as `evaluation.gates[1].metric`. */
export interface ErrorLocation {
  /** As the reader would type it: relative to the workspace where possible. */
  readonly file?: string;
  /** Path of the key inside the file. */
  readonly path?: string;
}

/**
 * A failure that a person can mend: what happened, where, and what to do about it.
 *
 * Everything of ours that fails for a foreseeable reason throws this; executors print `message` as one paragraph and
 * keep the stack for `--verbose`. Codes are stable, upper case, and never reused.
 */
export class MlopsError extends Error {
  override readonly name = 'MlopsError';

  constructor(
    readonly code: `MLOPS_${string}`,
    /** What happened and how to mend it, in whole sentences. */
    what: string,
    readonly location: ErrorLocation = {},
    options: { cause?: unknown } = {},
  ) {
    super(withLocation(what, location), options);
  }
}

function withLocation(what: string, { file, path }: ErrorLocation): string {
  if (file === undefined && path === undefined) return what;
  return `${[file, path].filter((part) => part !== undefined && part !== '').join(': ')}: ${what}`;
}

/** The message of anything that was thrown, also of an error of another realm, as native modules throw under Jest. */
export function messageOf(error: unknown): string {
  const hasMessage = error !== null && typeof error === 'object' && 'message' in error;
  return String(hasMessage ? error.message : error);
}
