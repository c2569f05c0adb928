import { dirname } from 'node:path';
import { ok, problem } from '../finding';
import { describeEnd, runBriefly, succeeded } from '../run-briefly';
import type { Check } from '../surroundings';

const NAME = 'ONNX Runtime';
const LOADED = 'nx-mlops-loaded ';

/** Loads the native library and says which it is. */
const script = `
const file = require.resolve('onnxruntime-node', { paths: [process.argv[1]] });
const { env } = require(file);
console.log(${JSON.stringify(LOADED)} + (env?.versions?.node ?? ''));
// What it has started would be waited for.
process.exit(0);`;

/**
 * Whether ONNX Runtime loads, tried in a process of its own, which it may take down.
 *
 * @param from a folder from which it is looked for. @default that of our runtime package
 */
export function onnxRuntimeCheck(from = runtimeFolder): Check {
  return {
    name: NAME,
    async run({ env, workspaceRoot }, signal) {
      const run = await runBriefly([process.execPath, '-e', script, from()], {
        cwd: workspaceRoot,
        env,
        signal,
      });
      const loaded = run.output.split('\n').find((line) => line.startsWith(LOADED.trim()));
      if (succeeded(run) && loaded !== undefined) {
        return [ok(NAME, `${loaded.slice(LOADED.length)} loads`.trim())];
      }
      const said = /^\w*Error: .*$/m.exec(run.output)?.[0];
      return [
        problem(
          NAME,
          `does not load on ${process.platform}-${process.arch}: the process ${describeEnd(run.end)}${said === undefined ? '' : `; ${said}`}`,
          'It runs on Linux (glibc) x64 and arm64, macOS arm64, Windows x64 and arm64. Install it again with ONNXRUNTIME_NODE_INSTALL=skip npm ci.',
        ),
      ];
    },
  };
}

function runtimeFolder(): string {
  return dirname(require.resolve('@nx-mlops/runtime/package.json'));
}
