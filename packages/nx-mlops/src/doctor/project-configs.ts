import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  datasetConfigSchema,
  layout,
  messageOf,
  modelConfigSchema,
  MlopsError,
  parseConfig,
  prepareScriptOf,
} from '@nx-mlops/core';
import { glob } from 'tinyglobby';
import type { ConfiguredScript, ScriptProject } from '../processes/script-command';

/** A config of a model or a dataset, as far as the doctor looks at it. */
export interface ProjectConfig {
  /** Relative to the workspace. */
  readonly file: string;
  readonly project: ScriptProject;
  /** Prepares, trains or evaluates. */
  readonly scripts: readonly ConfiguredScript[];
  /** Whether a source of it lies in S3. */
  readonly readsS3: boolean;
  /** Why it cannot be read; the rest is empty then. */
  readonly error?: MlopsError;
}

/** The configs that the project graph goes by, found without Nx; sorted. */
export async function readProjectConfigs(workspaceRoot: string): Promise<ProjectConfig[]> {
  const files = await glob([`**/${layout.modelConfig}`, `**/${layout.datasetConfig}`], {
    cwd: workspaceRoot,
    ignore: ['**/node_modules/**', '**/.git/**', '**/.nx/**', '**/.mlops/**', '**/dist/**'],
    expandDirectories: false,
  });
  return Promise.all(files.sort().map((file) => readProjectConfig(workspaceRoot, file)));
}

async function readProjectConfig(workspaceRoot: string, file: string): Promise<ProjectConfig> {
  const root = dirname(file);
  const at = { file, project: { workspaceRoot, root, folder: join(workspaceRoot, root) } };
  try {
    const text = await readFile(join(workspaceRoot, file), 'utf8');
    return basename(file) === layout.modelConfig
      ? { ...at, scripts: modelScripts(text, file), readsS3: false }
      : { ...at, scripts: datasetScripts(text, file), readsS3: /"s3:\/\//.test(text) };
  } catch (error) {
    const known =
      error instanceof MlopsError
        ? error
        : new MlopsError('MLOPS_CONFIG_INVALID', messageOf(error), { file }, { cause: error });
    return { ...at, scripts: [], readsS3: false, error: known };
  }
}

function modelScripts(text: string, file: string): ConfiguredScript[] {
  const { training, evaluation } = parseConfig(text, modelConfigSchema, file);
  return [
    { entry: training.entry, command: training.command, location: { file, path: 'training' } },
    ...(evaluation.entry === undefined && evaluation.command === undefined
      ? []
      : [{ entry: evaluation.entry, command: evaluation.command, location: { file, path: 'evaluation' } }]),
  ];
}

function datasetScripts(text: string, file: string): ConfiguredScript[] {
  const script = prepareScriptOf(parseConfig(text, datasetConfigSchema, file).prepare);
  return script === undefined
    ? []
    : [{ entry: script.entry, command: script.command, location: { file, path: 'prepare' } }];
}
