import type { MlopsError, ModelSummary, SummaryResult } from '@nx-mlops/core';
import { formatMoment, plural } from '../reporting/format';
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
  readonly reason?: string;
  /** Digests that may not serve there until they are released. */
  readonly blocked: number;
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
    readonly startedAt: string;
    readonly startedBy: string;
    /** What was seen last. */
    readonly because?: string;
  };
}

export interface Status {
  readonly rows: readonly StatusRow[];
  /** Models whose history cannot be read, with the reason. */
  readonly broken: readonly { readonly model: string; readonly because: string }[];
}

/**
 * A table of all models and environments: what serves, since when, by whom, and what is on its way. A model whose history
 * cannot be read stands below it, and hides no other.
 */
export async function showStatus(request: StatusRequest): Promise<Status> {
  const { registry, mlops, print } = request;
  const results =
    request.models === undefined
      ? await registry.summaries()
      : await Promise.all(request.models.map((model) => registry.summaryResult(model)));
  const rows = results.flatMap(({ summary }) =>
    summary === undefined ? [] : rowsOf(summary, mlops.environments),
  );
  const broken = results.flatMap(({ model, error }: SummaryResult) =>
    error === undefined ? [] : [{ model, because: messageFor(error) }],
  );
  if (results.length === 0) {
    print(`No model is registered in ${registry.description} yet. nx run <model>:deploy registers one.`);
  } else {
    for (const line of statusTable(rows)) print(line);
  }
  for (const { model, because } of broken) print(`${model}: cannot be read. ${because}`);
  return { rows, broken };
}

function rowsOf(
  { model, environments }: ModelSummary,
  configured: readonly { readonly name: string }[],
): StatusRow[] {
  const known = configured.map(({ name }) => name);
  // An environment that left mlops.json may serve still.
  const left = Object.keys(environments).filter((name) => !known.includes(name));
  return [...known, ...left].map((environment): StatusRow => {
    const { deployment, rollout, blocked = [] } = environments[environment] ?? {};
    return {
      model,
      environment,
      ...(deployment === undefined
        ? {}
        : {
            version: deployment.version,
            since: deployment.since,
            actor: deployment.actor,
            ...(deployment.reason === undefined ? {} : { reason: deployment.reason }),
          }),
      blocked: blocked.length,
      ...(rollout === undefined
        ? {}
        : {
            rollout: {
              id: rollout.id,
              version: rollout.candidate.version,
              phase: rollout.phase,
              step: rollout.step + 1,
              steps: rollout.plan.steps.length,
              ...rollout.share,
              startedAt: rollout.startedAt,
              startedBy: rollout.startedBy,
              ...(rollout.evidence === undefined ? {} : { because: rollout.evidence.summary }),
            },
          }),
    };
  });
}

function statusTable(rows: readonly StatusRow[]): string[] {
  return textTable({
    header: ['model', 'environment', 'version', 'since (UTC)', 'by', 'on its way'],
    rows: rows.map(({ model, environment, version, since, actor, rollout, blocked }) => [
      model,
      environment,
      version === undefined ? '–' : String(version),
      since === undefined ? '' : formatMoment(since),
      actor ?? '',
      [
        ...(rollout === undefined ? [] : [wayOf(rollout)]),
        ...(blocked === 0 ? [] : [`${plural(blocked, 'version')} blocked`]),
      ].join('; '),
    ]),
  });
}

function wayOf({ version, phase, step, steps, weight, shadow }: NonNullable<StatusRow['rollout']>): string {
  const share = shadow > 0 ? `${shadow} % copied` : `${weight} %`;
  return `version ${version}: ${phase}, step ${step} of ${steps}, ${share}`;
}

function messageFor(error: MlopsError): string {
  return `${error.code} ${error.message}`;
}
