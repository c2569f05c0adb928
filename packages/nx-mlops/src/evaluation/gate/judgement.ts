import type { GateConfig, GateResult, SliceValue } from '@nx-mlops/core';

/** Share of false alarms that is accepted, one-sided, where the gate says nothing else. */
export const defaultAlpha = 0.05;

/** What was found, before the gate's severities make an effect of it. */
export type Judgement = Pick<GateResult, 'value' | 'verdict' | 'because'> &
  Partial<Pick<GateResult, 'interval' | 'adjustedP' | 'versus'>>;

/** Which rows a judgement is of. */
export interface JudgedSlice {
  readonly column: string;
  readonly value: SliceValue;
  readonly rows: number;
}

/** The result of a gate with what its verdict does to the build. */
export function gateResult(
  gate: GateConfig,
  kind: GateResult['kind'],
  name: string,
  judgement: Judgement,
  slice?: JudgedSlice,
): GateResult {
  const { metric, fairness, min, max, maxGap, severity } = gate;
  const effect = effectOf(gate, judgement.verdict);
  return {
    name,
    kind,
    metric,
    ...(slice === undefined ? {} : { slice }),
    ...(fairness === undefined ? {} : { fairness }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(maxGap === undefined ? {} : { maxGap }),
    ...judgement,
    severity,
    ...(effect === undefined ? {} : { effect }),
  };
}

function effectOf(gate: GateConfig, verdict: GateResult['verdict']): GateResult['effect'] {
  switch (verdict) {
    case 'fail':
      return gate.severity;
    case 'inconclusive':
      return gate.inconclusive;
    case 'pass':
    case 'skipped':
      return undefined;
  }
}
