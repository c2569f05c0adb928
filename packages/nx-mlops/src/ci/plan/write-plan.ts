import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '@nx-mlops/core';
import { isSet } from '../../doctor/ci-system';
import { ciFolder } from '../ci-folder';
import type { Plan } from '../plan-file';
import { githubOutputs } from './describe-plan';

/** Leaves the plan where the jobs of a check look for it, and tells GitHub Actions of it. */
export async function writePlan(
  plan: Plan,
  { workspaceRoot, env }: { readonly workspaceRoot: string; readonly env: NodeJS.ProcessEnv },
): Promise<void> {
  await writeAtomically(join(workspaceRoot, ciFolder.plan), `${JSON.stringify(plan, null, 2)}\n`);
  const outputs = env['GITHUB_OUTPUT'];
  if (isSet(outputs)) await appendFile(outputs, githubOutputs(plan));
}
