import { z } from 'zod';
import { columnSchema } from './column';

/** A number as JSON holds it: null for NaN, and the infinities by name. */
const jsonNumber = z.union([z.number(), z.enum(['Infinity', '-Infinity']), z.null()]);
type JsonNumber = z.infer<typeof jsonNumber>;

/**
 * `golden.json`: some rows of the test split with the answers of the model that was evaluated. Whatever loads the model
 * later must give the same.
 */
export const goldenSchema = z.strictObject({
  version: z.literal(1),
  /** Nx project. */
  model: z.string(),
  modelSha256: z.string(),
  test: z.strictObject({ dataset: z.string(), split: z.string(), sha256: z.string() }),
  /** In the order in which the model knows them, with the type that they were read with. */
  features: z.array(columnSchema),
  rows: z.array(
    z.strictObject({
      /** In the split, from 0. */
      row: z.int().min(0),
      /** In the order of `features`. Null where the value is missing; numbers otherwise as `jsonNumber`. */
      values: z.array(z.union([jsonNumber, z.string(), z.boolean()])),
      /** As ONNX Runtime gave them when these rows were predicted together; one, or one a class. */
      scores: z.array(jsonNumber),
    }),
  ),
});
export type Golden = z.infer<typeof goldenSchema>;

/** Most golden rows of a version. */
export const mostGoldenRows = 16;

export function toJsonNumber(value: number): JsonNumber {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return null;
  return value > 0 ? 'Infinity' : '-Infinity';
}

export function fromJsonNumber(value: JsonNumber): number {
  return value === null ? Number.NaN : Number(value);
}
