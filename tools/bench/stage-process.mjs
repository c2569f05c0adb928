import { join } from 'node:path';
import { repository } from '../workspace/tarballs.mjs';
import { measureTree } from './measure-tree.mjs';

/**
 * Runs one of our dataset stages in a process of its own.
 *
 * @param {{ stage: 'lock' | 'validate' | 'push' | 'pull', workspaceRoot: string, name: string, root: string }} input
 * @returns seconds and peak of the whole process, Node's start and loading included; `inside` are the seconds of the
 *   stage alone
 */
export async function stageProcess(input) {
  const script = join(repository, 'tools/bench/cases/stage-ours.mjs');
  const { seconds, peakMegabytes, output } = await measureTree(process.execPath, [
    script,
    JSON.stringify(input),
  ]);
  const { seconds: inside, peakMegabytes: own, ...answer } = JSON.parse(output.trimEnd().split('\n').at(-1));
  console.log(`  ${input.stage} ${input.name}: ${seconds.toFixed(2)} s`);
  return { ...answer, seconds, inside, peakMegabytes: Math.max(peakMegabytes, own) };
}
