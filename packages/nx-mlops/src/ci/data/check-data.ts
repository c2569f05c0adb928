import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MlopsError, layout, writeAtomically } from '@nx-mlops/core';
import execa from 'execa';
import { readRunInformation } from '../../reporting/workspace/run-information';
import { ciFolder, jobFolder } from '../ci-folder';

export interface DatasetProject {
  readonly name: string;
  /** Relative to the workspace, with forward slashes. */
  readonly root: string;
}

export interface CheckDataRequest {
  readonly workspaceRoot: string;
  readonly datasets: readonly DatasetProject[];
  /** Names of the targets that lock, and of those that validate. */
  readonly lockTargets: readonly string[];
  readonly validateTargets: readonly string[];
  /** Runs targets of all projects as a job of the pipeline, and gives the exit code of nx. */
  readonly runMany: (run: { readonly job: string; readonly targets: readonly string[] }) => Promise<number>;
  readonly print: (line: string) => void;
}

export const dataPatch = `${layout.ci}/data.patch`;

/**
 * Locks all datasets anew and validates them, to see whether the sources have other data by now. What changed is left as
 * a patch: taking it in is a change like any other, which trains the models on it.
 *
 * @returns whether all could be locked and all are valid
 * @throws MlopsError MLOPS_CI_GIT
 */
export async function checkData(request: CheckDataRequest): Promise<boolean> {
  const { workspaceRoot, datasets, runMany, print } = request;
  if (datasets.length === 0) {
    print('There is no dataset in this workspace, so there is no data to check.');
    return true;
  }
  const locked = await runMany({ job: 'data-lock', targets: request.lockTargets });
  if (locked !== 0) {
    const failed = await failedIn(workspaceRoot, 'data-lock', request.lockTargets);
    print(
      `Could not be locked: ${failed}. What stands above says why. Where a source lies in a bucket, this job needs credentials for it, such as AWS_ACCESS_KEY_ID or the role of the machine; a scheduled job does not have those of a person.`,
    );
  }
  const changed = await changedLocks(workspaceRoot, datasets);
  print(
    changed.length === 0
      ? 'No dataset has changed.'
      : `Changed: ${changed.map(({ name }) => name).join(', ')}. See ${dataPatch}; git apply takes it in.`,
  );
  const valid = await runMany({ job: 'data', targets: request.validateTargets });
  if (valid !== 0) {
    const failed = await failedIn(workspaceRoot, 'data', request.validateTargets);
    print(`Not valid: ${failed}. The reports lie in ${layout.validationFailed} of each project.`);
  }
  return locked === 0 && valid === 0;
}

/** Datasets whose lock differs from the one that is committed; writes the patch, or removes that of an earlier run. */
async function changedLocks(
  workspaceRoot: string,
  datasets: readonly DatasetProject[],
): Promise<DatasetProject[]> {
  const lockOf = ({ root }: DatasetProject) =>
    root === '.' ? layout.datasetLock : `${root}/${layout.datasetLock}`;
  const files = datasets.map(lockOf);
  const git = async (...args: readonly string[]) => {
    const { exitCode, stdout, stderr } = await execa('git', args, {
      cwd: workspaceRoot,
      reject: false,
      stdin: 'ignore',
      stripFinalNewline: false,
      env: { LC_ALL: 'C' },
    });
    if (exitCode === 0) return stdout;
    throw new MlopsError(
      'MLOPS_CI_GIT',
      `git ${args[0]} failed, so it is not known which locks changed: ${stderr.trim().slice(0, 300)}. Run this in a checkout of the repository.`,
    );
  };
  // So that a lock that is not committed yet is a change, too.
  await git('add', '--intent-to-add', '--', ...files);
  // Paths relative to the workspace, which need not be the whole repository.
  const names = (await git('diff', '--name-only', '--relative', '-z', '--', ...files)).split('\0');
  const patch = join(workspaceRoot, dataPatch);
  const changed = datasets.filter((dataset) => names.includes(lockOf(dataset)));
  if (changed.length === 0) await rm(patch, { force: true });
  else
    await writeAtomically(
      patch,
      await git('diff', '--binary', '--no-color', '--no-ext-diff', '--', ...files),
    );
  return changed;
}

async function failedIn(workspaceRoot: string, job: string, targets: readonly string[]): Promise<string> {
  const run = await readRunInformation(join(workspaceRoot, ciFolder.out, job, jobFolder.run));
  const names = (run?.tasks ?? [])
    .filter(({ outcome, target }) => outcome === 'failed' && targets.includes(target))
    .map(({ project }) => project);
  return names.length === 0 ? 'some of the datasets' : names.sort().join(', ');
}
