import {
  datasetConfigSchema,
  modelConfigSchema,
  parseConfig,
  parseDatasetReference,
  type DatasetConfig,
  type ModelConfig,
} from '@nx-mlops/core';
import { extname } from 'node:path/posix';
import { kindOfConfigFile } from './config-files';
import type { ConfigSummary, DatasetSummary, ModelSummary, TrainingLanguage } from './config-summary';

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

function summarizeModel({ name, description, datasets, training }: ModelConfig): ModelSummary {
  return {
    kind: 'model',
    name,
    description,
    datasets: {
      train: parseDatasetReference(datasets.train),
      validation: datasets.validation === undefined ? undefined : parseDatasetReference(datasets.validation),
      test: parseDatasetReference(datasets.test),
    },
    language: trainingLanguage(training.entry),
    exclusive: training.gpu === true,
  };
}

function summarizeDataset({ name, description, splits, prepare, validation }: DatasetConfig): DatasetSummary {
  return {
    kind: 'dataset',
    name,
    description,
    splits: Object.keys(splits),
    sql: prepare?.sql,
    checks: validation?.sql,
  };
}

/** A command may start anything, a shell script that calls Python for one. */
function trainingLanguage(entry: string | undefined): TrainingLanguage {
  if (entry === undefined) return 'any';
  return extname(entry) === '.py' ? 'python' : 'javascript';
}
