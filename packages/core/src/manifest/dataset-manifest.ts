import { z } from 'zod';
import { columnSchema, fileDigestSchema } from './column';

/**
 * One split as it lies in the store: what a model's training and evaluation are keyed by.
 * It says nothing of how the split was made, so a prepare that changed and gave the same bytes changes nothing here.
 */
export const splitManifestSchema = z.strictObject({
  version: z.literal(1),
  /** Nx project. */
  dataset: z.string(),
  split: z.string(),
  /** The Parquet file in the store. */
  file: fileDigestSchema,
  rows: z.int().min(0),
  columns: z.array(columnSchema).min(1),
});
export type SplitManifest = z.infer<typeof splitManifestSchema>;

/** `dataset.manifest.json`: all splits of a dataset. */
export const datasetManifestSchema = z.strictObject({
  version: z.literal(1),
  dataset: z.string(),
  splits: z.record(z.string(), splitManifestSchema),
});
export type DatasetManifest = z.infer<typeof datasetManifestSchema>;
