import { z } from 'zod';
import { fileDigestSchema } from './column';

/** `dataset.lock.json`: pins the bytes of every source file. Committed; nothing in it changes when the data does not. */
export const datasetLockSchema = z.strictObject({
  version: z.literal(1),
  sources: z.record(
    z.string(),
    z.strictObject({
      /** Sorted by path. Paths are relative to the dataset's folder, with forward slashes. */
      files: z.array(fileDigestSchema.extend({ path: z.string() })).min(1),
    }),
  ),
});
export type DatasetLock = z.infer<typeof datasetLockSchema>;
