import {
  MlopsError,
  layout,
  type EnvironmentConfig,
  type Evidence,
  type MlopsConfig,
  type Registry,
  type VersionRecord,
} from '@nx-mlops/core';
import { checkModel } from './check-model';
import { checkPredictions } from './check-predictions';
import { checkRecord } from './check-record';
import { checkSignature } from './check-signature';
import { fetchFiles } from './fetch-files';
import { fail, type Finding } from './finding';

export interface VerifyRequest {
  readonly registry: Pick<Registry, 'fetchFile'>;
  readonly version: VersionRecord;
  readonly environment: Pick<EnvironmentConfig, 'name' | 'signature'>;
  /** Of mlops.json. */
  readonly signing?: MlopsConfig['signing'];
  readonly workspaceRoot: string;
}

/** What the runtime says of a model that is not fit to serve; anything else is of this machine. */
const unfit: ReadonlySet<string> = new Set([
  'MLOPS_MODEL_CORRUPT',
  'MLOPS_MODEL_UNREADABLE',
  'MLOPS_MODEL_OUTPUT',
  'MLOPS_MODEL_SIGNATURE',
  'MLOPS_PREDICTION_FAILED',
  'MLOPS_BATCH_COLUMN',
  'MLOPS_BATCH_VALUE',
]);

/**
 * Whether a version is what it says, before it gets traffic: its bytes, its signature as far as the environment asks for
 * one, its record, and its predictions of the golden rows. The first check that is no pass ends it, and the model is
 * loaded after those on bytes, signature and record.
 *
 * @throws MlopsError MLOPS_SIGNING_KEY, MLOPS_SIGNING_NOT_CONFIGURED where a required signature cannot be judged; of a
 *   registry that cannot be read, and of a missing ONNX Runtime: none of them is the fault of the version
 */
export async function verifyVersion(request: VerifyRequest): Promise<Evidence> {
  const { registry, version } = request;
  const { paths, finding } = await fetchFiles(registry, version);
  const modelFile = paths.get(layout.modelFile) ?? '';
  const checks: readonly (() => Promise<Finding>)[] = [
    async () => finding,
    () => checkSignature(version, paths.get(layout.signatureFile), request),
    () => checkRecord(version, paths),
    () => judged(checkModel(version, modelFile)),
    () => judged(checkPredictions(version, modelFile, paths.get(layout.goldenFile))),
  ];
  const said: string[] = [];
  for (const check of checks) {
    const { verdict, says } = await check();
    if (verdict !== 'pass') return { kind: 'verification', verdict, summary: says };
    if (says !== '') said.push(says);
  }
  return { kind: 'verification', verdict: 'pass', summary: said.join('; ') };
}

async function judged(check: Promise<Finding>): Promise<Finding> {
  try {
    return await check;
  } catch (error) {
    if (error instanceof MlopsError && unfit.has(error.code)) {
      return fail(`${layout.modelFile}: ${error.message}`);
    }
    throw error;
  }
}
