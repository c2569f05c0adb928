import type { GateResult } from '@nx-mlops/core';
import { plural } from '../format';
import type { ModelReport } from './model-report';

/** From the worst: the order of the models in a report. */
export const modelVerdicts = ['fail', 'not-judged', 'inconclusive', 'warn', 'pass', 'no-gates'] as const;
export type ModelVerdict = (typeof modelVerdicts)[number];

export const verdictSigns: { readonly [verdict in ModelVerdict]: string } = {
  fail: '❌',
  'not-judged': '❔',
  inconclusive: '⚠️',
  warn: '⚠️',
  pass: '✅',
  'no-gates': '➖',
};

/** Beside the sign, where there is little room. */
export const verdictWords: { readonly [verdict in ModelVerdict]: string } = {
  fail: 'blocked',
  'not-judged': 'not judged',
  inconclusive: 'undecided',
  warn: 'warns',
  pass: 'passes',
  'no-gates': 'no gates',
};

/** `warn`: the build goes on, and a gate that does not block did fail. */
export function verdictOf({ judgement }: Pick<ModelReport, 'judgement'>): ModelVerdict {
  if (judgement.kind === 'not-judged') return 'not-judged';
  const { passed, verdict, gates } = judgement.gates;
  if (!passed) return 'fail';
  if (gates.length === 0) return 'no-gates';
  if (verdict === 'inconclusive') return 'inconclusive';
  return gates.some((gate) => gate.verdict === 'fail' && gate.effect === 'warn') ? 'warn' : 'pass';
}

/** How many gates make it so; beside the sign. */
export function verdictText(report: Pick<ModelReport, 'judgement'>): string {
  const verdict = verdictOf(report);
  const gates = report.judgement.kind === 'judged' ? report.judgement.gates.gates : [];
  const count = (what: GateResult['verdict']) => gates.filter((gate) => gate.verdict === what).length;
  switch (verdict) {
    case 'fail': {
      const blocking = gates.filter(({ effect }) => effect === 'block').length;
      return `${blocking} of ${plural(gates.length, 'gate')} ${blocking === 1 ? 'blocks' : 'block'}`;
    }
    case 'not-judged':
      return 'not judged';
    case 'inconclusive':
      return `${count('inconclusive')} of ${plural(gates.length, 'gate')} undecided`;
    case 'warn':
      return `passes, ${plural(count('fail'), 'warning')}`;
    case 'pass':
      return count('skipped') === 0 ? 'passes' : `passes, ${count('skipped')} skipped`;
    case 'no-gates':
      return 'has no gates';
  }
}

/** The gates that need a look, the worst first: those that block, that failed, that are undecided. */
export function concerningGates(gates: readonly GateResult[]): GateResult[] {
  const concern = ({ effect, verdict }: GateResult) => (effect === 'block' ? 0 : verdict === 'fail' ? 1 : 2);
  return gates
    .filter(({ verdict }) => verdict === 'fail' || verdict === 'inconclusive')
    .sort((a, b) => concern(a) - concern(b));
}

export function gateSign({ verdict, effect }: GateResult): string {
  switch (verdict) {
    case 'fail':
      return effect === 'block' ? '❌' : '⚠️';
    case 'inconclusive':
      return effect === 'block' ? '❌' : '⚠️';
    case 'pass':
      return '✅';
    case 'skipped':
      return '➖';
  }
}
