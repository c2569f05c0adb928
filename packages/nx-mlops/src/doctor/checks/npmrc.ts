import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSet } from '../ci-system';
import { ok, skipped, warning } from '../finding';
import type { Check } from '../surroundings';

const NAME = '.npmrc';
const KEY = 'onnxruntime-node-install';

/**
 * Whether an install leaves out the CUDA files that onnxruntime-node fetches on Linux x64.
 *
 * @param system `process.platform-process.arch`
 */
export function npmrcCheck(system = `${process.platform}-${process.arch}`): Check {
  return {
    name: NAME,
    async run({ workspaceRoot, env }) {
      if (system !== 'linux-x64') return [skipped(NAME, 'onnxruntime-node fetches nothing on this system')];
      const text = await readFile(join(workspaceRoot, '.npmrc'), 'utf8').catch(() => '');
      const line = text.split(/\r?\n/).find((item) => item.split('=')[0]?.trim() === KEY);
      if (line !== undefined) return [ok(NAME, line.trim())];
      if (isSet(env['ONNXRUNTIME_NODE_INSTALL'])) return [ok(NAME, 'ONNXRUNTIME_NODE_INSTALL is set')];
      return [
        warning(
          NAME,
          `has no ${KEY}: each install fetches CUDA files, and fails where NuGet cannot be reached`,
          `echo "${KEY}=skip" >> .npmrc`,
        ),
      ];
    },
  };
}
