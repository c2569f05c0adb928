import { holm, type GateResult, type SliceResult } from '@nx-mlops/core';
import { plural } from '../../reporting/format';
import { gateName, gateNameOnSlices } from './gate-name';
import { slicesOf, type SliceGate } from './gate-slices';
import { beyondNoise } from './beyond-noise';
import { withinText } from './limit-text';
import { gateResult, type Judgement } from './judgement';
import type { JudgedModel } from './judged-model';
import type { SliceFinding } from './slice-finding';
import { findGap } from './slice-gap';
import { findLimit } from './slice-limit';
import { hasEnoughRows, tooFewRows } from './too-few-rows';
import { withoutValue } from './undefined-metric';

/**
 * A limit on each value of a slice, or `maxGap`: how much worse than over all rows it may be.
 *
 * Of many slices some look bad by chance alone, so one fails only when Holm's adjusted p of the limit being held is at
 * most alpha; beyond the limit, but not so, is inconclusive. A slice with too few rows is skipped.
 */
export function judgeSlices(gate: SliceGate, model: JudgedModel): GateResult[] {
  const kind = gate.maxGap === undefined ? 'limit' : 'gap';
  const { evaluation } = model;
  const found = slicesOf(gate.slice, evaluation);
  const all = evaluation.metrics[gate.metric];
  if ('missing' in found) {
    const judgement: Judgement = { value: null, verdict: 'fail', because: found.missing };
    return [gateResult(gate, kind, gateNameOnSlices(gate), judgement)];
  }
  if (gate.maxGap !== undefined && (all === undefined || all === null)) {
    return [gateResult(gate, kind, gateNameOnSlices(gate), withoutValue(gate.metric, all, evaluation))];
  }
  const findings = new Map<SliceResult, SliceFinding>();
  for (const slice of found.slices) {
    const value = slice.metrics[gate.metric];
    if (!hasEnoughRows(gate, slice.rows) || value === undefined || value === null) continue;
    findings.set(
      slice,
      gate.maxGap === undefined
        ? findLimit(gate, evaluation, slice, value)
        : findGap({ metric: gate.metric, maxGap: gate.maxGap }, evaluation, slice, value, all as number),
    );
  }
  const adjusted = holm([...findings.values()].map(({ p }) => p));
  const adjustedP = new Map([...findings.keys()].map((slice, index) => [slice, adjusted[index] as number]));
  return found.slices.map((slice) => {
    const { column, value, rows, metrics } = slice;
    const finding = findings.get(slice);
    const judgement =
      finding !== undefined
        ? judge(gate, model, finding, adjustedP.get(slice) as number, findings.size)
        : hasEnoughRows(gate, rows)
          ? withoutValue(gate.metric, metrics[gate.metric] as null | undefined, evaluation)
          : tooFewRows(gate, rows, metrics[gate.metric]);
    return gateResult(gate, kind, gateName(gate, slice), judgement, { column, value, rows });
  });
}

/** @param family slices that were judged together */
function judge(
  gate: SliceGate,
  { evaluation }: JudgedModel,
  { slice, value, interval, breach }: SliceFinding,
  adjustedP: number,
  family: number,
): Judgement {
  const found = { value, ...(interval === undefined ? {} : { interval }), adjustedP };
  if (breach === undefined) {
    const because = withinText(gate.metric, value, interval, evaluation.confidence);
    return { ...found, verdict: 'pass', because };
  }
  const where = `on ${plural(slice.rows, 'row')}`;
  const adjustment = family === 1 ? '' : `, adjusted for ${plural(family, 'slice')}`;
  return { ...found, ...beyondNoise(gate, breach, { interval, adjustedP, where, adjustment }) };
}
