import { layout, type VersionRef } from '@nx-mlops/core';
import { allocateTensorData, loadModel, type LoadedModel, type Tensor } from '@nx-mlops/runtime';
import type { RegistryReader } from './registry-reader';
import { refuseUnsigned } from './signed-version';
import { ServedVersion } from './served-version';

/**
 * Loads a version of a model and warms it up, so that the first request is no slower than the rest.
 *
 * @param publicKeys PEM; only versions that one of them signed are loaded. All when left out
 * @throws MlopsError MLOPS_SIGNATURE_REFUSED; of the registry or the runtime: missing, corrupt, unreadable, or failing its
 *   first prediction
 */
export async function loadVersion(
  registry: RegistryReader,
  model: string,
  { version, digest }: VersionRef,
  publicKeys?: readonly string[],
): Promise<ServedVersion> {
  const record = await registry.readVersion(model, version);
  if (publicKeys !== undefined) await refuseUnsigned(registry, record, publicKeys);
  const file = await registry.fetchFile(record, layout.modelFile);
  const loaded = await loadModel({ file, manifest: record.manifest });
  try {
    await warmUp(loaded);
  } catch (error) {
    await loaded.release();
    throw error;
  }
  return new ServedVersion(version, digest, loaded, record.threshold);
}

/** One prediction on zeros. A custom task is left alone: what it takes besides rows is not ours to guess. */
async function warmUp(model: LoadedModel): Promise<void> {
  const { inputLayout, inputs, scoreOutput } = model.manifest;
  if (inputLayout === 'custom' || scoreOutput === undefined) return;
  const feeds = Object.fromEntries(
    inputs.map(({ name, type, shape }): [string, Tensor] => {
      const dims = shape.map((size, axis) => (size !== -1 ? size : axis === 0 ? 1 : openWidth(model)));
      return [
        name,
        {
          type,
          dims,
          data: allocateTensorData(
            type,
            dims.reduce((a, b) => a * b, 1),
          ),
        },
      ];
    }),
  );
  await model.run(feeds, [scoreOutput]);
}

function openWidth({ manifest }: LoadedModel): number {
  return manifest.inputLayout === 'matrix' ? manifest.features.length : 1;
}
