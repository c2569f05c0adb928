import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { formatPath } from '../config/parse-config';
import { MlopsError } from '../errors/mlops-error';

/**
 * Reads a file that one of our stages wrote.
 *
 * @param madeBy the command that makes it, named in errors as the way out
 * @throws MlopsError MLOPS_MANIFEST_MISSING when it is not there, MLOPS_MANIFEST_BROKEN when it is no such manifest
 */
export async function readManifest<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  madeBy: string,
): Promise<z.output<Schema>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new MlopsError(
      'MLOPS_MANIFEST_MISSING',
      `cannot be read. Run ${madeBy}, which writes it.`,
      { file },
      { cause: error },
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new MlopsError(
      'MLOPS_MANIFEST_BROKEN',
      `is no whole JSON, perhaps left by a killed run. Run ${madeBy} again with --skip-nx-cache.`,
      { file },
      { cause: error },
    );
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new MlopsError(
    'MLOPS_MANIFEST_BROKEN',
    `${formatPath(issue?.path ?? [])}: ${issue?.message ?? 'unknown form'}. It was written by another version of nx-mlops or by hand; run ${madeBy} again with --skip-nx-cache.`,
    { file },
  );
}
