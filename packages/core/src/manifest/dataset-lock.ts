import { z } from 'zod';
import { fileDigestSchema } from './column';

/**
 * `dataset.lock.json`: pins the bytes of every source file. Committed; nothing in it changes when the data does not.
 * Sources that are splits of other datasets are not in it: these are pinned by the manifests of their splits.
 */
export const datasetLockSchema = z.strictObject({
  version: z.literal(1),
  sources: z.record(
    z.string(),
    z.strictObject({
      /**
       * Sorted by path: relative to the dataset's folder, with forward slashes, or an https:// or s3:// address. `etag` is
       * what the server of an address said of its bytes, so that a later look need not fetch them.
       */
      files: z.array(fileDigestSchema.extend({ path: z.string(), etag: z.string().optional() })).min(1),
    }),
  ),
});
export type DatasetLock = z.infer<typeof datasetLockSchema>;
