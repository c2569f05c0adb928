import { seedGlobalRandom } from '../random/global-random';
import { failureMessage } from './failure-message';

type Environment = Readonly<Record<string, string | undefined>>;

/** Opens the run that a task started this script for. */
type Load<Run> = (env: Environment) => Promise<Run>;

/** Runs a script's work within its frame, prints a failure and sets the exit code. */
export function runFramed<Run extends { readonly seed: number }>(
  load: Load<Run>,
  work: (run: Run) => Promise<void>,
): void {
  void performFramed(load, work, process.env).then((failure) => {
    if (failure === undefined) return;
    process.stderr.write(`${failure}\n`);
    process.exitCode = 1;
  });
}

/**
 * Opens the run, makes `Math.random` repeat for its seed while the work goes on, and gives it back.
 *
 * @returns what to tell when it failed, in one paragraph. Never throws.
 */
export async function performFramed<Run extends { readonly seed: number }>(
  load: Load<Run>,
  work: (run: Run) => Promise<void>,
  env: Environment,
): Promise<string | undefined> {
  let restoreRandom = () => {};
  try {
    const run = await load(env);
    restoreRandom = seedGlobalRandom(run.seed);
    await work(run);
    return undefined;
  } catch (error) {
    return failureMessage(error, env['NX_VERBOSE_LOGGING'] === 'true');
  } finally {
    restoreRandom();
  }
}
