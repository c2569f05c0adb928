import type { GateConfig, SliceValue } from '@nx-mlops/core';
import { sliceValueText } from '../../reporting/evaluation/gate-summary';

/** How reports call a gate: `roc-auc >= 0.6`, `roc-auc versus production`, `roc-auc >= 0.55 on origin=JFK`. */
export function gateName(
  gate: GateConfig,
  slice?: { readonly column: string; readonly value: SliceValue },
): string {
  const where = slice === undefined ? '' : ` on ${slice.column}=${sliceValueText(slice.value)}`;
  return `${ruleOf(gate)}${where}${gate.fairness === undefined ? '' : ` by ${gate.fairness}`}`;
}

/** The gate as a whole where none of its slices can be named: `roc-auc >= 0.55 on origin`. */
export function gateNameOnSlices(gate: GateConfig): string {
  return `${ruleOf(gate)} on ${gate.slice}`;
}

function ruleOf({ metric, min, max, maxGap, versus, require }: GateConfig): string {
  if (versus !== undefined) return `${metric} ${require === 'better' ? 'better than' : 'versus'} ${versus}`;
  if (maxGap !== undefined) return `${metric} gap <= ${maxGap}`;
  if (min !== undefined && max !== undefined) return `${min} <= ${metric} <= ${max}`;
  return min === undefined ? `${metric} <= ${max}` : `${metric} >= ${min}`;
}
