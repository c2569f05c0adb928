import { z } from 'zod';
import { sourceFormats } from '../config/dataset-config';
import { runSplitSchema } from './run';

/**
 * The run context of a prepare script: the JSON file that the environment variable `MLOPS_RUN` names while it runs.
 *
 * The script leaves `prepared.parquet` in `outputDir`, from which the splits are taken by the rules of the config, or the
 * files that `splits.<name>.file` names.
 */
export const prepareRunSchema = z.strictObject({
  version: z.literal(1),
  /** Name of the Nx project. */
  dataset: z.string(),
  /** Sources that are files, by name, checked against the lock. Read only. */
  sources: z.record(
    z.string(),
    z.strictObject({
      format: z.enum(sourceFormats),
      /** Absolute paths, in the order of the lock. */
      files: z.array(z.string()),
    }),
  ),
  /** Sources that are splits of other datasets, by name. */
  datasets: z.record(z.string(), runSplitSchema),
  params: z.record(z.string(), z.json()),
  seed: z.int().min(0),
  /** Threads that the script should use; one keeps a rerun the same in most frameworks. */
  threads: z.int().min(1),
  /** Absolute path of an empty folder. */
  outputDir: z.string(),
});
export type PrepareRun = z.infer<typeof prepareRunSchema>;
