import { holm, type GateResult } from '@nx-mlops/core';
import { gateName, gateNameOnSlices } from './gate-name';
import { slicesOf } from './gate-slices';
import { gateResult, type Judgement } from './judgement';
import { rowsOfValues } from './rows-of-values';
import { hasEnoughRows, tooFewRows } from './too-few-rows';
import { withoutValue } from './undefined-metric';
import { compared, notComparable, notDefined, sameModel } from './versus-conclusion';
import { pairedOptionsOf, type VersusScene } from './versus-scene';

/**
 * On each value of a slice. Of many some look worse by chance alone, so Holm adjusts over those that have rows enough.
 */
export function judgeVersusSlices(scene: VersusScene, reference: string): GateResult[] {
  const { gate, model, champion, pairing } = scene;
  const { evaluation, predictions } = model;
  const found = slicesOf(reference, evaluation);
  const whole = (judgement: Judgement) => [gateResult(gate, 'versus', gateNameOnSlices(gate), judgement)];
  if ('missing' in found) return whole({ value: null, verdict: 'fail', because: found.missing });
  const stored = predictions?.slices.get(found.name);
  if (!champion.isSame && (pairing === undefined || stored === undefined)) {
    return whole({ value: null, ...notComparable(scene) });
  }
  const rowsOf = stored === undefined ? undefined : rowsOfValues(stored);

  const trials = found.slices.map((slice) => {
    const value = slice.metrics[gate.metric];
    if (value === undefined || value === null) return { slice, value };
    if (champion.isSame || pairing === undefined || !hasEnoughRows(gate, slice.rows)) return { slice, value };
    const rows = rowsOf?.get(slice.value);
    const championValue = rows === undefined ? null : pairing.championValue(rows);
    const difference = rows === undefined ? undefined : pairing.difference(pairedOptionsOf(gate), rows);
    return { slice, value, championValue, difference };
  });
  const differences = trials.flatMap(({ difference }) => difference ?? []);
  const adjusted = holm(differences.map(({ pWorse }) => pWorse));
  const adjustedP = new Map(differences.map((difference, index) => [difference, adjusted[index] as number]));

  return trials.map(({ slice, value, championValue, difference }) => {
    const { column, rows } = slice;
    const interval = slice.intervals[gate.metric];
    const judge = (): Judgement => {
      if (!hasEnoughRows(gate, rows)) return tooFewRows(gate, rows, value);
      if (value === undefined || value === null) return withoutValue(gate.metric, value, evaluation);
      const around = { value, ...(interval === undefined ? {} : { interval }) };
      if (champion.isSame) return { ...around, ...sameModel(scene, value, rows) };
      if (difference === undefined || championValue === undefined || championValue === null) {
        return { ...around, ...notDefined(scene) };
      }
      return {
        ...around,
        ...compared(scene, value, championValue, difference, adjustedP.get(difference), adjusted.length),
      };
    };
    return gateResult(gate, 'versus', gateName(gate, slice), judge(), { column, value: slice.value, rows });
  });
}
