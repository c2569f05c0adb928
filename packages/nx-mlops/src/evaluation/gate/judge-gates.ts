import type { GateConfig, GateReport, GateResult, MetricDirection } from '@nx-mlops/core';
import { gateName } from './gate-name';
import type { SliceGate } from './gate-slices';
import { judgeFairness, type FairnessGate } from './judge-fairness';
import { judgeLimit } from './judge-limit';
import { judgeSlices } from './judge-slices';
import { judgeVersus, type FindPairing } from './judge-versus';
import { gateResult } from './judgement';
import type { Champion, JudgedBaseline, JudgedModel } from './judged-model';
import { pairingOf, type Pairing } from './pairing';
import type { VersusGate } from './versus-scene';

/** What is judged, and by what. */
export interface GateInput extends JudgedModel {
  readonly gates: readonly GateConfig[];
  /** One for each name that a gate gives with `versus`. */
  readonly baselines: readonly JudgedBaseline[];
  /** Digest of the evaluation.json that is judged. */
  readonly evaluationSha256: string;
}

/**
 * Judges an evaluation by the gates of the config, as docs/decisions/0012-gates.md says. A gate on a slice gives one
 * result for each of its values.
 *
 * A failed gate has the effect of its `severity`, an inconclusive one that of its `inconclusive`; the report passes when
 * no effect is `block`.
 */
export function judgeGates({ gates, baselines, evaluationSha256, ...model }: GateInput): GateReport {
  const findPairing = rememberPairings(model);
  const results = gates.flatMap((gate) => judgeGate(gate, model, baselines, findPairing));
  const passed = results.every(({ effect }) => effect !== 'block');
  const undecided = results.some(({ verdict }) => verdict === 'inconclusive');
  return {
    version: 2,
    model: model.evaluation.model,
    modelSha256: model.evaluation.modelSha256,
    evaluationSha256,
    passed,
    verdict: passed ? (undecided ? 'inconclusive' : 'pass') : 'fail',
    gates: results,
    baselines: baselines.map(({ record }) => record),
  };
}

function judgeGate(
  gate: GateConfig,
  model: JudgedModel,
  baselines: readonly JudgedBaseline[],
  findPairing: FindPairing,
): GateResult[] {
  const { versus, fairness, slice } = gate;
  if (versus !== undefined) {
    const baseline = baselines.find(({ record }) => record.name === versus);
    if (baseline === undefined) throw new TypeError(`no baseline was looked up for "${versus}"`);
    return judgeVersus(gate as VersusGate, model, baseline, findPairing);
  }
  if (fairness !== undefined) {
    return [gateResult(gate, 'fairness', gateName(gate), judgeFairness(gate as FairnessGate, model))];
  }
  if (slice !== undefined) return judgeSlices(gate as SliceGate, model);
  return [gateResult(gate, 'limit', gateName(gate), judgeLimit(gate, model))];
}

/** Two names that mean one version, and two gates on one metric, are compared once. */
function rememberPairings(model: JudgedModel): FindPairing {
  const known = new Map<Champion, Map<string, Pairing | undefined>>();
  return (metric: string, champion: Champion) => {
    const ofChampion = known.get(champion) ?? new Map<string, Pairing | undefined>();
    known.set(champion, ofChampion);
    if (!ofChampion.has(metric)) {
      const direction: MetricDirection = model.evaluation.directions[metric] ?? 'higher';
      ofChampion.set(metric, pairingOf(metric, direction, model, champion));
    }
    return ofChampion.get(metric);
  };
}
