import { MlopsError, type MlopsConfig, type ModelState, type Registry } from '@nx-mlops/core';
import { finishRollout } from '../../rollout/finish';
import type { RolloutTools, TrafficRequest } from '../../rollout/rollout-request';
import { startVersion } from '../../rollout/start';
import type { DeployedModel } from './deployed-file';
import { standingOf } from './where-it-stands';

export interface PromoteDeployedRequest {
  readonly workspaceRoot: string;
  readonly mlops: MlopsConfig;
  readonly registry: Registry;
  readonly tools: RolloutTools;
  readonly actor: string;
  /** What was approved. */
  readonly models: readonly DeployedModel[];
  readonly from: string;
  readonly to: string;
  readonly reason?: string;
  /** To the end of each rollout. */
  readonly watch?: boolean;
  /** Seconds between two looks. */
  readonly interval?: number;
  readonly dryRun?: boolean;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

export interface Promotions {
  /** What the environment serves now, or is about to, of what was to go there. */
  readonly promoted: readonly DeployedModel[];
  /** Names of the projects that were refused, or whose rollout failed. */
  readonly refused: readonly string[];
}

/**
 * Brings versions that a pipeline deployed and somebody approved into the next environment: these, not what the first one
 * serves by now. One that a later version took the place of is left out; the refusal of one stops no other. Doing it again
 * changes nothing.
 */
export async function promoteDeployed(request: PromoteDeployedRequest): Promise<Promotions> {
  const { models, registry, from, to, print, signal } = request;
  if (models.length === 0) print(`Nothing was deployed to ${from}, so nothing goes to ${to}.`);
  const refused: string[] = [];
  for (const model of models) {
    try {
      if (!(await promoteOne(request, model))) refused.push(model.project);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof MlopsError)) throw error;
      print(`${model.project}: ${error.code} ${error.message}`);
      refused.push(model.project);
    }
  }
  if (refused.length > 0) print(`Did not go to ${to}: ${refused.join(', ')}.`);
  const promoted: DeployedModel[] = [];
  for (const model of models) {
    if (isIn(to, model, await registry.state(model.model))) promoted.push(model);
  }
  return { promoted, refused };
}

/** @returns whether all is well */
async function promoteOne(request: PromoteDeployedRequest, meant: DeployedModel): Promise<boolean> {
  const { registry, from, to, print } = request;
  const { project, model, version } = meant;
  const state = await registry.state(model);
  if (isIn(to, meant, state)) return finish(request, meant, state);
  const standing = standingOf(meant, state, from);
  switch (standing.kind) {
    case 'unknown':
      print(`${project}: ${registry.description} knows no version ${version} with this digest.`);
      return false;
    case 'withdrawn':
      print(`${project} version ${version} does not go to ${to}: ${standing.because}.`);
      return false;
    case 'under-way':
      print(`${project} version ${version} does not go to ${to} yet: its rollout to ${from} is under way.`);
      return false;
    case 'superseded':
      print(`${project} version ${version} is left out: ${from} is at version ${standing.by} by now.`);
      return true;
    case 'serving':
      break;
  }
  const traffic = trafficOf(request, project);
  try {
    const started = await startVersion({
      ...traffic,
      environment: to,
      from,
      version,
      seen: state.lastSeq,
    });
    return (await finishRollout(started, { ...traffic, ...watchOf(request) })).isGood;
  } catch (error) {
    // Another pipeline came first, with a later version.
    if (!(error instanceof MlopsError) || error.code !== 'MLOPS_SUPERSEDED') throw error;
    print(`${project} version ${version} is left out: ${error.message}`);
    return true;
  }
}

function isIn(environment: string, { digest }: DeployedModel, { active, deployments }: ModelState): boolean {
  const coming = active.get(environment)?.candidate;
  return (coming ?? deployments.get(environment))?.digest === digest;
}

/** What is there, or on its way, needs no start; a rollout is watched if that was asked for. */
async function finish(
  request: PromoteDeployedRequest,
  { project, version }: DeployedModel,
  state: ModelState,
): Promise<boolean> {
  const { to, print } = request;
  const rollout = state.active.get(to);
  if (rollout === undefined) {
    print(`${to} serves ${project} version ${version} already: nothing to do`);
    return true;
  }
  print(`A rollout of ${project} version ${version} to ${to} is under way already`);
  const started = { kind: 'rollout', rollout, changed: false } as const;
  return (await finishRollout(started, { ...trafficOf(request, project), ...watchOf(request) })).isGood;
}

function trafficOf(request: PromoteDeployedRequest, name: string): TrafficRequest {
  const { workspaceRoot, mlops, registry, actor, tools, print, reason, dryRun } = request;
  return {
    project: { workspaceRoot, name, root: '.', folder: workspaceRoot },
    ...{ mlops, registry, actor, tools, print },
    ...(reason === undefined ? {} : { reason }),
    ...(dryRun === undefined ? {} : { dryRun }),
  };
}

function watchOf({ watch, interval, dryRun, signal }: PromoteDeployedRequest) {
  return {
    watch: watch === true && dryRun !== true,
    ...(interval === undefined ? {} : { interval }),
    signal,
  };
}
