import {
  hasEvaluationScript,
  datasetConfigSchema,
  modelConfigSchema,
  parseConfig,
  parseDatasetReference,
  prepareScriptOf,
  readsValidation,
  splitSourcesOf,
  type DatasetConfig,
  type ModelConfig,
} from '@nx-mlops/core';
import { extname } from 'node:path/posix';
import { kindOfConfigFile } from './config-files';
import type { ConfigSummary, DatasetSummary, ModelSummary, ScriptLanguage } from './config-summary';

/**
 * Parses a config file and keeps what the graph needs of it.
 *
 * @param text content of the file
 * @param file relative to the workspace; its name tells the kind
 * @throws MlopsError as `parseConfig`
 */
export function summarizeConfig(text: string, file: string): ConfigSummary {
  return kindOfConfigFile(file) === 'model'
    ? summarizeModel(parseConfig(text, modelConfigSchema, file))
    : summarizeDataset(parseConfig(text, datasetConfigSchema, file));
}

function summarizeModel({ name, description, datasets, training, evaluation }: ModelConfig): ModelSummary {
  return {
    kind: 'model',
    name,
    description,
    datasets: {
      train: parseDatasetReference(datasets.train),
      validation: datasets.validation === undefined ? undefined : parseDatasetReference(datasets.validation),
      test: parseDatasetReference(datasets.test),
    },
    language: scriptLanguage(training.entry),
    readsValidation: readsValidation(evaluation),
    evaluationScript: hasEvaluationScript(evaluation) ? scriptLanguage(evaluation.entry) : undefined,
    exclusive: training.gpu === true,
    resourceClass: training.resourceClass ?? (training.gpu === true ? 'gpu' : undefined),
  };
}

function summarizeDataset(config: DatasetConfig): DatasetSummary {
  const { name, description, splits, prepare, validation } = config;
  const script = prepareScriptOf(prepare);
  return {
    kind: 'dataset',
    name,
    description,
    splits: Object.keys(splits),
    sql: prepare?.sql,
    script: script === undefined ? undefined : scriptLanguage(script.entry),
    upstream: Object.fromEntries(
      Object.entries(splitSourcesOf(config)).map(([name, { dataset }]) => [
        name,
        parseDatasetReference(dataset),
      ]),
    ),
    checks: validation?.sql,
  };
}

/** A command may start anything, a shell script that calls Python for one. */
function scriptLanguage(entry: string | undefined): ScriptLanguage {
  if (entry === undefined) return 'any';
  return extname(entry) === '.py' ? 'python' : 'javascript';
}
