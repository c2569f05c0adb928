import { phaseOf, trafficShareOf, type ModelState } from '@nx-mlops/core';
import { formatMoment } from '../reporting/format';
import { textTable } from '../reporting/table';
import type { RolloutRequest } from './rollout-request';

export interface StatusRequest extends Pick<RolloutRequest, 'mlops' | 'registry' | 'print'> {
  /** By their names in the registry. @default all that it knows */
  readonly models?: readonly string[];
}

/** What one environment serves of one model. */
export interface StatusRow {
  readonly model: string;
  readonly environment: string;
  /** Undefined when nothing serves. */
  readonly version?: number;
  readonly since?: string;
  readonly actor?: string;
  readonly rollout?: {
    readonly id: string;
    readonly version: number;
    readonly phase: string;
    /** Of the steps, from 1. */
    readonly step: number;
    readonly steps: number;
    /** Percent. */
    readonly weight: number;
    /** Percent. */
    readonly shadow: number;
    readonly because?: string;
  };
}

/**
 * A table of all models and environments: what serves, since when, by whom, and what is on its way.
 *
 * @throws MlopsError MLOPS_REGISTRY_TAMPERED
 */
export async function showStatus(request: StatusRequest): Promise<readonly StatusRow[]> {
  const { registry, mlops, print } = request;
  const models = request.models ?? (await registry.listModels());
  const rows: StatusRow[] = [];
  for (const model of models) rows.push(...rowsOf(await registry.state(model), mlops.environments));
  if (models.length === 0) {
    print(`No model is registered in ${registry.description} yet. nx run <model>:deploy registers one.`);
    return rows;
  }
  for (const line of statusTable(rows)) print(line);
  return rows;
}

function rowsOf(state: ModelState, environments: readonly { readonly name: string }[]): StatusRow[] {
  const known = environments.map(({ name }) => name);
  // An environment that left mlops.json may serve still.
  const left = [...state.deployments.keys()].filter((name) => !known.includes(name));
  return [...known, ...left].map((environment) => {
    const deployment = state.deployments.get(environment);
    const rollout = state.active.get(environment);
    return {
      model: state.model,
      environment,
      ...(deployment === undefined
        ? {}
        : { version: deployment.version, since: deployment.since, actor: deployment.actor }),
      ...(rollout === undefined
        ? {}
        : {
            rollout: {
              id: rollout.id,
              version: rollout.candidate.version,
              phase: phaseOf(rollout),
              step: rollout.step + 1,
              steps: rollout.plan.steps.length,
              ...trafficShareOf(rollout),
              ...(rollout.evidence === undefined ? {} : { because: rollout.evidence.summary }),
            },
          }),
    };
  });
}

function statusTable(rows: readonly StatusRow[]): string[] {
  return textTable({
    header: ['model', 'environment', 'version', 'since (UTC)', 'by', 'on its way'],
    rows: rows.map(({ model, environment, version, since, actor, rollout }) => [
      model,
      environment,
      version === undefined ? '–' : String(version),
      since === undefined ? '' : formatMoment(since),
      actor ?? '',
      rollout === undefined
        ? ''
        : `version ${rollout.version}: ${rollout.phase}, step ${rollout.step} of ${rollout.steps}, ${
            rollout.shadow > 0 ? `${rollout.shadow} % shadowed` : `${rollout.weight} %`
          }`,
    ]),
  });
}
