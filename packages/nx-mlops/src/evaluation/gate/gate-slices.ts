import {
  parseSliceReference,
  suggestion,
  type Evaluation,
  type GateConfig,
  type SliceResult,
} from '@nx-mlops/core';
import { sliceValueText } from '../../reporting/evaluation/gate-summary';

/** The slices that a gate names, or why there are none. */
export type GateSlices =
  { readonly name: string; readonly slices: readonly SliceResult[] } | { readonly missing: string };

/**
 * Slices of the evaluation that a gate is on: all values of `origin`, or with `origin=JFK` that one.
 *
 * Automatic slices are for exploration, so no gate is on them.
 */
export function slicesOf(reference: string, evaluation: Evaluation): GateSlices {
  const declared = evaluation.slices.filter(({ kind }) => kind !== 'automatic');
  const columns = new Set(declared.map(({ column }) => column));
  // A column may have a "=" in its name.
  const { name, value } = columns.has(reference)
    ? { name: reference, value: undefined }
    : parseSliceReference(reference);
  const slices = declared.filter(({ column }) => column === name);
  if (slices.length === 0) {
    return {
      missing: `The evaluation has no slices by "${name}", so the gate cannot be passed. Run nx run ${evaluation.model}:evaluate.`,
    };
  }
  if (value === undefined) return { name, slices };
  const chosen = slices.filter((slice) => sliceValueText(slice.value) === value);
  if (chosen.length > 0) return { name, slices: chosen };
  const known = slices.map((slice) => sliceValueText(slice.value));
  return {
    missing: `The evaluation has no slice ${name}=${value}, so the gate cannot be passed.${suggestion(value, known)}`,
  };
}

/** A gate on slices. */
export type SliceGate = GateConfig & { readonly slice: string };
