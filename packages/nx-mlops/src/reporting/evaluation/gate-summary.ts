import type { GateReport, GateResult, SliceValue } from '@nx-mlops/core';
import { plural } from '../format';

/** How much a gate's result asks for attention; the style class of its badge too. */
export type Concern = 'fail' | 'warn' | 'info' | 'skip' | 'pass';

/** What a verdict is called beside a gate. */
const verdictWords: { readonly [verdict in GateResult['verdict']]: string } = {
  pass: 'passed',
  fail: 'failed',
  inconclusive: 'inconclusive',
  skipped: 'skipped',
};

export function verdictWord({ verdict }: Pick<GateResult, 'verdict'>): string {
  return verdictWords[verdict];
}

/** By the effect of the gate: what blocks the build counts as failed, an undecided gate that blocks it included. */
export function concernOf({ verdict, effect }: Pick<GateResult, 'verdict' | 'effect'>): Concern {
  if (verdict === 'pass') return 'pass';
  if (verdict === 'skipped') return 'skip';
  return effect === 'block' ? 'fail' : (effect ?? 'warn');
}

/** Beside a verdict in Markdown. */
export const concernSigns: { readonly [concern in Concern]: string } = {
  fail: '❌',
  warn: '⚠️',
  info: 'ℹ️',
  skip: '➖',
  pass: '✅',
};

const concerns: readonly Concern[] = ['fail', 'warn', 'info', 'skip', 'pass'];

/** Those that block the build first, a failed one before an undecided one; else in their order. */
export function gatesByConcern(gates: readonly GateResult[]): GateResult[] {
  const rank = (gate: GateResult) =>
    concerns.indexOf(concernOf(gate)) * 2 + (gate.verdict === 'inconclusive' ? 1 : 0);
  return [...gates].sort((a, b) => rank(a) - rank(b));
}

/** Those that fail the build. */
export function blockingGates({ gates }: GateReport): GateResult[] {
  return gatesByConcern(gates.filter(({ effect }) => effect === 'block'));
}

/** What came of the gates in a few words. */
export function gateHeadline({ passed, verdict, gates }: GateReport): string {
  if (gates.length === 0) return 'No gates';
  if (!passed) return 'Gates failed';
  return verdict === 'inconclusive' ? 'Gates passed, not all decided' : 'Gates passed';
}

export function gateSign({ passed, verdict, gates }: GateReport): string {
  if (gates.length === 0) return '➖';
  if (!passed) return '❌';
  return verdict === 'inconclusive' ? '⚠️' : '✅';
}

/** `Of 7 gates, 1 failed, 1 inconclusive (blocks), 1 skipped, 4 passed.` */
export function countsSentence({ gates }: GateReport): string {
  if (gates.length === 0) return 'No gates are configured, so every model passes.';
  const counted = new Map<string, number>();
  for (const gate of gatesByConcern(gates)) {
    const words = `${verdictWord(gate)}${effectNote(gate)}`;
    counted.set(words, (counted.get(words) ?? 0) + 1);
  }
  return `Of ${plural(gates.length, 'gate')}, ${[...counted].map(([words, count]) => `${count} ${words}`).join(', ')}.`;
}

/** Said where the verdict alone would mislead: a failed gate that only warns, an undecided one that blocks. */
export function effectNote({ verdict, effect }: Pick<GateResult, 'verdict' | 'effect'>): string {
  if (verdict === 'fail' && effect !== undefined && effect !== 'block') {
    return effect === 'warn' ? ' (warns only)' : ' (for information)';
  }
  if (verdict === 'inconclusive' && effect === 'block') return ' (blocks)';
  return '';
}

/** A slice's value for people; missing values have a name of their own. */
export function sliceValueText(value: SliceValue): string {
  return value === null ? '(missing)' : String(value);
}
