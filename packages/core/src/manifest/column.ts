import { z } from 'zod';
import { columnTypeSchema } from '../config/dataset-config';

/** A column of a prepared split. */
export const columnSchema = z.strictObject({ name: z.string(), type: columnTypeSchema });
export type Column = z.infer<typeof columnSchema>;

/** A file by its content. */
export const fileDigestSchema = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Bytes. */
  size: z.int().min(0),
});
export type FileDigest = z.infer<typeof fileDigestSchema>;
