import {
  canonicalJson,
  layout,
  profileFile,
  writeAtomically,
  type CheckResult,
  type DatasetConfig,
  type DatasetManifest,
  type Profile,
  type Validation,
} from '@nx-mlops/core';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkOverlaps } from './check-overlap';
import { assertPatterns, checkSplit, splitTable, type SplitTable } from './check-split';
import { nameOfFile, readDatasetManifest, type DatasetProject, type StageIo } from './dataset-project';
import { withDuckDb } from './duckdb';
import { ensureSplitFile } from './ensure-split-file';
import { expectationsOf } from './expectations';
import { profileSplit } from './profile-split';
import { replaceFolder } from './replace-folder';
import { textTable } from '../reporting/table';

/** Beside the validation folder, of which it is no part: a failed validation must not look like a result. */
export const failedValidationFile = '.mlops/validation-failed.json';

export interface ValidateOptions {
  /** Memory for DuckDB's buffers, such as "2GB". */
  readonly memoryLimit?: string;
}

/**
 * Checks every split of a dataset against its schema and profiles it. When all checks pass, `.mlops/validation` is
 * replaced as a whole by the verdicts and the profiles. When one fails, that folder stays as it was and the verdicts go
 * to `.mlops/validation-failed.json`.
 *
 * @throws MlopsError MLOPS_MANIFEST_MISSING before the first prepare; MLOPS_CONFIG_INVALID for a constraint that its
 *   type cannot have; what `ensureSplitFile` throws
 */
export async function validateDataset(
  project: DatasetProject,
  config: DatasetConfig,
  io: StageIo,
  options: ValidateOptions = {},
): Promise<Validation> {
  const manifest = await readDatasetManifest(project);
  const tables = await splitTables(project, config, manifest, io);
  const duckDbOptions = { memoryLimit: options.memoryLimit, signal: io.signal };
  const { checks, profiles } = await withDuckDb(duckDbOptions, async (connection) => {
    const file = nameOfFile(project, layout.datasetConfig);
    await assertPatterns(connection, config.schema?.fields ?? [], file);
    const checks: CheckResult[] = [];
    for (const table of tables) {
      const expectations =
        config.schema === undefined ? [] : expectationsOf(config.schema, table.columns, file);
      checks.push(...(await checkSplit(connection, table, expectations, config.validation?.minRows ?? 1)));
    }
    checks.push(...(await checkOverlaps(connection, tables, config)));
    const profiles: Profile[] = [];
    if (hasPassed(checks)) {
      for (const table of tables) {
        const split = manifest.splits[table.split];
        if (split !== undefined) profiles.push(await profileSplit(connection, table, split));
      }
    }
    return { checks, profiles };
  });
  const validation: Validation = { version: 1, dataset: project.name, passed: hasPassed(checks), checks };
  await publish(project, validation, profiles);
  report(project, validation, manifest, io.print);
  return validation;
}

function hasPassed(checks: readonly CheckResult[]): boolean {
  return checks.every(({ verdict }) => verdict !== 'fail');
}

async function splitTables(
  project: DatasetProject,
  config: DatasetConfig,
  manifest: DatasetManifest,
  io: StageIo,
): Promise<SplitTable[]> {
  const tables: SplitTable[] = [];
  for (const split of Object.values(manifest.splits)) {
    const file = await ensureSplitFile({
      workspaceRoot: project.workspaceRoot,
      dataset: project,
      config,
      manifest: split,
      ...io,
    });
    tables.push(splitTable(split.split, file, split.columns));
  }
  return tables;
}

async function publish(
  project: DatasetProject,
  validation: Validation,
  profiles: readonly Profile[],
): Promise<void> {
  const failed = join(project.folder, failedValidationFile);
  if (!validation.passed) return writeAtomically(failed, canonicalJson(validation));
  await replaceFolder(join(project.folder, layout.validation), async (folder) => {
    await writeAtomically(join(folder, layout.validationFile), canonicalJson(validation));
    for (const profile of profiles) {
      await writeAtomically(join(folder, profileFile(profile.split)), canonicalJson(profile));
    }
  });
  await rm(failed, { force: true });
}

function report(
  project: DatasetProject,
  { passed, checks }: Validation,
  manifest: DatasetManifest,
  print: StageIo['print'],
): void {
  const marks = { fail: 'FAIL', warn: 'warn', info: 'info', skip: 'skip', pass: '' } as const;
  for (const { verdict, split, column, check, because } of checks) {
    if (verdict === 'pass') continue;
    print(`${marks[verdict]}  ${split}${column === undefined ? '' : `.${column}`} ${check}: ${because}.`);
  }
  const rows = Object.values(manifest.splits).map(({ split, rows }) => {
    const of = (verdict: CheckResult['verdict']) =>
      String(checks.filter((check) => check.split === split && check.verdict === verdict).length);
    return [split, rows.toLocaleString('en-US'), of('pass'), of('warn'), of('fail')];
  });
  const table = textTable({
    header: ['split', 'rows', 'passed', 'warned', 'failed'],
    alignment: ['left', 'right', 'right', 'right', 'right'],
    rows,
  });
  for (const line of table) print(line);
  print(
    passed
      ? `${project.name} is valid; verdicts and profiles are in ${nameOfFile(project, layout.validation)}.`
      : `${project.name} is not valid; all verdicts are in ${nameOfFile(project, failedValidationFile)}.`,
  );
}
