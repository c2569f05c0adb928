import { messageOf, MlopsError } from '@nx-mlops/core';
import { problem, type Finding } from './finding';
import type { Check, Surroundings } from './surroundings';
import { withoutSecrets } from './without-secrets';

/** ms. */
export const CHECK_TIMEOUT = 20_000;

/**
 * Runs all checks at once. One that fails or hangs is a problem of its own row and leaves the others alone.
 *
 * @param timeout of each. ms
 * @returns in the order of the checks, no value of a secret variable in it
 */
export async function runChecks(
  checks: readonly Check[],
  surroundings: Surroundings,
  timeout = CHECK_TIMEOUT,
): Promise<Finding[]> {
  const found = await Promise.all(checks.map((check) => runCheck(check, surroundings, timeout)));
  return found.flat().map((finding) => ({
    ...finding,
    found: withoutSecrets(finding.found, surroundings.env),
    ...(finding.mend === undefined ? {} : { mend: withoutSecrets(finding.mend, surroundings.env) }),
  }));
}

async function runCheck(
  { name, run }: Check,
  surroundings: Surroundings,
  timeout: number,
): Promise<readonly Finding[]> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<readonly Finding[]>((resolve) => {
    timer = setTimeout(() => {
      resolve([
        problem(name, `no answer within ${timeout / 1000} s`, 'What it asks hangs: see to that first.'),
      ]);
      abort.abort(new Error('The check took too long.'));
    }, timeout);
  });
  try {
    return await Promise.race([run(surroundings, abort.signal), overdue]);
  } catch (error) {
    const what = error instanceof MlopsError ? error.message : `this check failed: ${messageOf(error)}`;
    return [problem(name, what)];
  } finally {
    clearTimeout(timer);
  }
}
