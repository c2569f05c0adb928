import { MlopsError } from '@nx-mlops/core';
import { resolveBase, type BaseRequest } from '../base/resolve-base';
import { excludedOf, readPlan } from './planned-shard';
import { runNxJob, writeIdleJob, type NxJobRequest } from './run-nx-job';

export interface AffectedRequest
  extends Omit<BaseRequest, 'retries'>, Omit<NxJobRequest, 'nxArgs' | 'job' | 'base' | 'head'> {
  /** Of plan.json; all that is affected when left out. */
  readonly shard?: string | undefined;
  /** @default the shard, else `check` */
  readonly job?: string | undefined;
  /** Those of the plan, else those of mlops.json, when left out. */
  readonly targets?: readonly string[] | undefined;
  /** `ci.targets` of mlops.json. */
  readonly defaultTargets: readonly string[];
  readonly configuration?: string | undefined;
}

/** Runs the affected tasks, or one shard of them. @returns the exit code of nx */
export async function runAffected(request: AffectedRequest): Promise<number> {
  const { shard, print } = request;
  const job = request.job ?? shard ?? 'check';
  const work = shard === undefined ? await allWork(request) : await workOfShard(request, shard);
  if (work.exclude === undefined) {
    print(`Shard ${shard} has no work.`);
    await writeIdleJob({ ...request, ...work, job });
    return 0;
  }
  const { exclude } = work;
  return runNxAffected({ ...request, job }, { ...work, exclude });
}

/** Runs tasks of what changed from one commit to another. @returns the exit code of nx */
export async function runNxAffected(
  request: Omit<NxJobRequest, 'nxArgs' | 'base' | 'head'> & Pick<AffectedRequest, 'configuration'>,
  { base, head, targets, exclude = [] }: Omit<Work, 'exclude'> & { readonly exclude?: readonly string[] },
): Promise<number> {
  const nxArgs = [
    'affected',
    '-t',
    ...targets,
    `--base=${base}`,
    `--head=${head}`,
    ...(request.configuration === undefined ? [] : [`--configuration=${request.configuration}`]),
    ...(exclude.length === 0 ? [] : [`--exclude=${exclude.join(',')}`]),
  ];
  return (await runNxJob({ ...request, base, head, nxArgs })).exitCode;
}

interface Work {
  readonly base: string;
  readonly head: string;
  readonly targets: readonly string[];
  /** Undefined where there is nothing to do. */
  readonly exclude: readonly string[] | undefined;
}

async function allWork(request: AffectedRequest): Promise<Work> {
  const { base, head, reason } = await resolveBase(request);
  request.print(reason);
  return { base, head, targets: request.targets ?? request.defaultTargets, exclude: [] };
}

async function workOfShard(request: AffectedRequest, shard: string): Promise<Work> {
  if (request.base !== undefined || request.all === true) {
    throw new MlopsError('MLOPS_USAGE', '--shard takes its base from the plan: leave --base and --all out.');
  }
  const plan = await readPlan(request.workspaceRoot);
  const { head } = await resolveBase({ ...request, base: undefined, all: true });
  if (plan.head !== head) {
    throw new MlopsError(
      'MLOPS_CI_PLAN',
      `the plan is of ${plan.head.slice(0, 9)}, and ${head.slice(0, 9)} is checked out. Run nx-mlops ci plan on this commit.`,
    );
  }
  return {
    base: plan.base,
    head,
    targets: request.targets ?? plan.targets,
    exclude: excludedOf(plan, shard),
  };
}
