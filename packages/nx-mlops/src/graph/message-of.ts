/** The message of anything that was thrown. Core has the same; here it would load all of core. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
