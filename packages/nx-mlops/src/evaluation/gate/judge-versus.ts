import type { GateResult } from '@nx-mlops/core';
import { judgePerformanceVersus } from './compare-performance';
import { gateName, gateNameOnSlices } from './gate-name';
import { gateResult, type Judgement } from './judgement';
import type { Champion, JudgedBaseline, JudgedModel } from './judged-model';
import type { Pairing } from './pairing';
import { isPerformanceMetric } from './performance-value';
import { withoutValue } from './undefined-metric';
import { compared, compareValues, notDefined, sameModel } from './versus-conclusion';
import { pairedOptionsOf, type VersusGate, type VersusScene } from './versus-scene';
import { judgeVersusSlices } from './versus-slices';

/** Gives the two models row beside row; the same for each gate that asks for the same. */
export type FindPairing = (metric: string, champion: Champion) => Pairing | undefined;

/**
 * A model against a champion on the same rows, over all of them or on each value of a slice.
 *
 * Fails when it is worse: the whole interval of the difference is below 0, and of several slices Holm's adjusted p is at
 * most alpha. Where no baseline is there yet it is skipped. A champion that cannot be scored on the rows is
 * inconclusive, never a pass.
 */
export function judgeVersus(
  gate: VersusGate,
  model: JudgedModel,
  { record, champion }: JudgedBaseline,
  pairingOf: FindPairing,
): GateResult[] {
  const result = (judgement: Judgement, name = gateName(gate)) => gateResult(gate, 'versus', name, judgement);
  const name = gate.slice === undefined ? gateName(gate) : gateNameOnSlices(gate);
  if (champion === undefined) {
    const versus = { baseline: gate.versus, value: null };
    const value = model.evaluation.metrics[gate.metric] ?? null;
    return [result({ value, verdict: 'skipped', because: record.because, versus }, name)];
  }
  if (isPerformanceMetric(gate.metric)) {
    return [result(judgePerformanceVersus(gate.metric, { gate, model, champion }))];
  }
  const direction = model.evaluation.directions[gate.metric] ?? 'higher';
  const scene: VersusScene = { gate, model, champion, direction, pairing: pairingOf(gate.metric, champion) };
  if (gate.slice !== undefined) return judgeVersusSlices(scene, gate.slice);
  return [result(judgeAllRows(scene))];
}

function judgeAllRows(scene: VersusScene): Judgement {
  const { gate, model, champion, pairing } = scene;
  const { evaluation } = model;
  const value = evaluation.metrics[gate.metric];
  if (value === undefined || value === null) return withoutValue(gate.metric, value, evaluation);
  const rows = evaluation.test.rows;
  const interval = evaluation.intervals[gate.metric];
  const found = { value, ...(interval === undefined ? {} : { interval }) };
  if (champion.isSame) return { ...found, ...sameModel(scene, value, rows) };
  if (pairing === undefined) return { ...found, ...compareValues(scene, value) };
  const championValue = pairing.championValue();
  const difference = pairing.difference(pairedOptionsOf(gate));
  if (championValue === null || difference === undefined) return { ...found, ...notDefined(scene) };
  return { ...found, ...compared(scene, value, championValue, difference) };
}
