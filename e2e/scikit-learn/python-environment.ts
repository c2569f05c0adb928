import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pythonEnvironment } from '../python-environment';

const { python, describe: describeWithPython } = pythonEnvironment('scikit-learn');

export { describeWithPython };

/**
 * Runs a script beside this file.
 *
 * @param input written to its standard input as JSON
 * @returns what it printed, parsed as JSON
 */
export function runPython(script: string, input: unknown = null): unknown {
  const output = execFileSync(python, ['-X', 'utf8', join(__dirname, script)], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return JSON.parse(output);
}
