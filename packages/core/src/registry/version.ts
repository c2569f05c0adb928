import { z } from 'zod';
import { formatPath } from '../config/parse-config';
import { MlopsError } from '../errors/mlops-error';
import { fileDigestSchema } from '../manifest/column';
import { metricValuesSchema } from '../manifest/evaluation';
import { gateReportSchema } from '../manifest/gate-report';
import { formerGateReportSchema } from './former-gate-report';
import { modelManifestSchema } from '../manifest/model-manifest';

/** Where a version comes from: what is known of its training and registration. */
export const provenanceSchema = z.strictObject({
  /** That it was trained at. */
  commit: z.string().optional(),
  /** That it was registered at: the first commit whose pipeline let it in. */
  registeredCommit: z.string().optional(),
  /** Whether the work tree had uncommitted changes. */
  dirty: z.boolean().optional(),
  nxTaskHash: z.string().optional(),
  trainedAt: z.string().optional(),
  /** The file that pins the libraries it was trained with. */
  environmentLock: z
    .strictObject({ file: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/) })
    .optional(),
  params: z.record(z.string(), z.json()).optional(),
  seed: z.int().optional(),
  toolVersions: z.record(z.string(), z.string()).optional(),
});
export type Provenance = z.infer<typeof provenanceSchema>;

/** `models/<name>/versions/<n>.json`: an immutable version of a model. */
export const versionRecordSchema = z.strictObject({
  schemaVersion: z.literal(1),
  model: z.string(),
  /** From 1, without gaps. */
  version: z.int().min(1),
  /** sha256 of the canonical manifest: two versions with the same digest are the same model. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  /** By file name; the bytes are blobs. Holds `model.onnx` at least. */
  files: z.record(z.string(), fileDigestSchema),
  manifest: modelManifestSchema,
  metrics: metricValuesSchema,
  /** Binary classification: a score at or above it counts as positive. */
  threshold: z.number().optional(),
  /** The verdicts that let it in. */
  gates: z.union([gateReportSchema, formerGateReportSchema]),
  provenance: provenanceSchema,
  registeredAt: z.string(),
  registeredBy: z.string(),
});
export type VersionRecord = z.infer<typeof versionRecordSchema>;

/**
 * @param where named in errors
 * @throws MlopsError MLOPS_REGISTRY_TAMPERED when it is no record of a version
 */
export function parseVersionRecord(text: string, where: string): VersionRecord {
  const broken = (what: string, cause?: unknown) =>
    new MlopsError(
      'MLOPS_REGISTRY_TAMPERED',
      `${what}. Version records never change, so something other than nx-mlops wrote here, or a newer nx-mlops did. Restore the file from a backup, or update nx-mlops.`,
      { file: where },
      { cause },
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw broken('is no whole JSON', error);
  }
  const result = versionRecordSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw broken(`${formatPath(issue?.path ?? [])}: ${issue?.message ?? 'unknown form'}`, result.error);
}
