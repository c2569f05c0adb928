import { readJsonFile } from '@nx/devkit';
import { join } from 'node:path';

/** The TensorFlow.js that `@nx-mlops/training` is tested with. */
export const tensorflowVersion = '4.22.0';
/** Runs a test in TypeScript on every Node that we support; the version that trains, too. */
export const tsxVersion = '4.23.15';
/** Of the oldest Node that we support, so that no script leans on what it lacks. */
export const nodeTypesVersion = '^20.19.0';

/** Version of this plugin; our packages are released together under one. */
export function ownVersion(): string {
  return readJsonFile<{ version: string }>(join(__dirname, '../../../../package.json')).version;
}

/** What a generated model needs to be trained, tested and served; `init` adds TypeScript. */
export function modelDevDependencies(): Record<string, string> {
  const own = ownVersion();
  return {
    '@nx-mlops/runtime': own,
    '@nx-mlops/server': own,
    '@nx-mlops/training': own,
    '@tensorflow/tfjs-backend-wasm': tensorflowVersion,
    '@tensorflow/tfjs-core': tensorflowVersion,
    '@tensorflow/tfjs-layers': tensorflowVersion,
    '@types/node': nodeTypesVersion,
    tsx: tsxVersion,
  };
}
