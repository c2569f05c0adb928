import { reasonAgainst } from '../tools/ci/programs.mjs';

/**
 * Declares tests that run a pipeline by a harness of tools/ci. They are skipped, and the reason printed, where its programs
 * are missing; with CI=true that fails instead.
 */
export function describeWith(
  harness: Parameters<typeof reasonAgainst>[0],
  name: string,
  tests: () => void,
): void {
  const missing = reasonAgainst(harness);
  if (missing === undefined) {
    describe(name, tests);
  } else if (process.env['CI'] === 'true') {
    throw new Error(`"${name}" cannot be run: ${missing}`);
  } else {
    console.warn(`Skipped "${name}": ${missing}`);
    describe.skip(name, tests);
  }
}
