import { join } from 'node:path';
import { fileNameOfProject, type ModelState, type Registry } from '@nx-mlops/core';
import { readRunInformation } from '../../reporting/workspace/run-information';
import { ciFolder, jobFolder } from '../ci-folder';
import { readJobIndex, writeJobIndex } from '../job-index';
import { deployJob, writeDeployed, type DeployedModel } from './deployed-file';

/**
 * Runs targets of affected projects as a job of the pipeline, which leaves Nx's run.json in its folder.
 *
 * @returns the exit code of nx
 */
export type RunAffected = (run: {
  readonly job: string;
  readonly targets: readonly string[];
  readonly configuration: string;
}) => Promise<number>;

export interface DeployAffectedRequest {
  readonly workspaceRoot: string;
  readonly environment: string;
  /** That is checked out. */
  readonly commit: string;
  /** One after it that was deployed already, where there is one: then nothing is, for that would be a step back. */
  readonly later?: string | undefined;
  /** Names of the targets that deploy a model. */
  readonly targets: readonly string[];
  /** Names of the projects that are models. */
  readonly models: ReadonlySet<string>;
  readonly registry: Pick<Registry, 'state'>;
  readonly runAffected: RunAffected;
  /** Of our own process. */
  readonly env: NodeJS.ProcessEnv;
  readonly print: (line: string) => void;
}

/**
 * Deploys the affected models, and writes down which versions the environment serves of them, or is about to: what later
 * jobs try and promote, whatever happens in the environment meanwhile. A model whose deployment failed is left out.
 *
 * @returns the exit code of nx
 */
export async function deployAffected(request: DeployAffectedRequest): Promise<number> {
  const { workspaceRoot, environment, commit, targets, registry, runAffected, env, print } = request;
  const job = deployJob(environment);
  const folder = join(workspaceRoot, ciFolder.out, job);
  if (request.later !== undefined) {
    print(
      `Nothing is deployed: ${request.later.slice(0, 9)}, which comes after this commit, was deployed already. To go back on purpose, use nx-mlops rollback.`,
    );
    await writeDeployed(workspaceRoot, job, { environment, commit, models: [] }, env);
    return 0;
  }
  const exitCode = await runAffected({ job, targets, configuration: environment });
  // None where Nx had nothing to run.
  const run = await readRunInformation(join(folder, jobFolder.run));
  const tasks = run?.tasks ?? [];
  const done = tasks.filter(({ target, project }) => targets.includes(target) && request.models.has(project));
  const models: DeployedModel[] = [];
  for (const { project, outcome } of done) {
    if (outcome === 'failed') {
      print(`${project}: was not deployed; what stands above says why.`);
      continue;
    }
    const deployed = deployedModel(project, await registry.state(fileNameOfProject(project)), environment);
    if (deployed === undefined) print(`${project}: ${environment} serves nothing of it.`);
    else models.push(deployed);
  }
  models.sort((a, b) => (a.model < b.model ? -1 : 1));
  await writeDeployed(workspaceRoot, job, { environment, commit, models }, env);
  // What the index does not list is not handed on whole.
  const index = await readJobIndex(folder);
  if (index !== undefined) await writeJobIndex(folder, index);
  if (done.length === 0) print(`No model is affected, so nothing was deployed to ${environment}.`);
  for (const { project, version, digest } of models) {
    print(`${environment}: ${project} version ${version} (${digest.slice(0, 12)})`);
  }
  return exitCode;
}

/** What is on its way to an environment, else what it serves. Undefined for neither. */
export function deployedModel(
  project: string,
  { model, active, deployments }: Pick<ModelState, 'model' | 'active' | 'deployments'>,
  environment: string,
): DeployedModel | undefined {
  const meant = active.get(environment)?.candidate ?? deployments.get(environment);
  if (meant === undefined) return undefined;
  return { project, model, version: meant.version, digest: meant.digest };
}
