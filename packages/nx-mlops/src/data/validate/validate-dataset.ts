import type { DuckDBConnection } from '@duckdb/node-api';
import {
  layout,
  type CheckResult,
  type DatasetConfig,
  type DatasetManifest,
  type Profile,
  type SplitManifest,
  type Validation,
} from '@nx-mlops/core';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { checkColumns } from './check-columns';
import { assertPatterns, checkExpectations, conditionsOf, expectationsThatAreOn } from './check-expectations';
import { checkLeakage } from './check-leakage';
import { checkOverlaps, type HashedSplit } from './check-overlap';
import { checkAgainstReference, type ProfiledSplit } from './check-reference';
import { checkDuplicateRows, checkRowCounts } from './check-rows';
import { readSqlChecks, runSqlChecks, type SqlCheck } from './check-sql';
import { checkTimeOrder } from './check-time-order';
import { nameOfFile, type DatasetProject, type StageIo } from '../dataset-project';
import { readDatasetManifest } from '../read-dataset-manifest';
import { sqlString, withDuckDb } from '../duckdb';
import { ensureSplitFile } from '../ensure-split-file';
import { expectationsOf, type Expectation } from './expectations';
import { profileSplit } from './profile-split';
import { publishValidation } from './publish-validation';
import { reportValidation } from './report-validation';
import { hashRows } from './row-hashes';
import { scanSplit } from './scan-split';
import { splitTable, type SplitTable } from './split-table';
import { judge, planValidation, type Finding, type ValidationPlan } from './validation-plan';
import { withWorkFolder } from '../work-folder';

export interface ValidateOptions {
  /** Memory for DuckDB's buffers, such as "2GB". */
  readonly memoryLimit?: string;
}

/** More threads hold more buffers and are seldom faster than the disk. */
const MOST_THREADS = 4;

/**
 * Checks every split of a dataset, against its schema and against the reference split, and profiles it. When all checks
 * pass, `.mlops/validation` is replaced as a whole by verdicts, profiles and reports. When one fails, that folder stays as
 * it was and they go to `.mlops/validation-failed`.
 *
 * @throws MlopsError MLOPS_MANIFEST_MISSING before the first prepare; MLOPS_CONFIG_INVALID for a constraint that its
 *   type cannot have, and for splits and columns in `validation` that are not there; MLOPS_CHECK_SQL; what
 *   `ensureSplitFile` throws
 */
export async function validateDataset(
  project: DatasetProject,
  config: DatasetConfig,
  io: StageIo,
  options: ValidateOptions = {},
): Promise<Validation> {
  const manifest = await readDatasetManifest(project);
  const sqlChecks = await readSqlChecks(project, config);
  const splits = await locateSplits(project, config, manifest, io);
  const threads = Math.min(MOST_THREADS, availableParallelism());
  const { checks, profiles } = await withWorkFolder(project.workspaceRoot, 'validate', (work) => {
    const tempDirectory = join(work, 'spill');
    const duckDbOptions = { threads, memoryLimit: options.memoryLimit, tempDirectory, signal: io.signal };
    return withDuckDb(duckDbOptions, async (connection) => {
      await restrictFiles(connection, splits, work);
      const file = nameOfFile(project, layout.datasetConfig);
      await assertPatterns(connection, config.schema?.fields ?? [], file);
      return checkSplits(connection, { config, splits, sqlChecks, threads, file });
    });
  });
  const validation: Validation = { version: 1, dataset: project.name, passed: hasPassed(checks), checks };
  const folder = await publishValidation(project, validation, profiles);
  reportValidation(validation, { rows: rowsOf(manifest), folder: nameOfFile(project, folder) }, io.print);
  return validation;
}

interface LocatedSplit {
  readonly manifest: SplitManifest;
  readonly file: string;
  readonly table: SplitTable;
}

interface CheckInput {
  readonly config: DatasetConfig;
  readonly splits: readonly LocatedSplit[];
  readonly sqlChecks: readonly SqlCheck[];
  readonly threads: number;
  /** The config, named in errors. */
  readonly file: string;
}

async function checkSplits(
  connection: DuckDBConnection,
  { config, splits: located, sqlChecks, threads, file }: CheckInput,
): Promise<{ checks: CheckResult[]; profiles: Profile[] }> {
  const plan = planValidation(config, located[0]?.table.columns ?? [], file);
  const splits = inOrder(located, plan);
  const scanned = await profileSplits(connection, splits, { config, plan, threads, file });
  const reference = scanned.find(({ table }) => table.split === plan.reference);
  const findings: Finding[] = [];
  const hashed: HashedSplit[] = [];
  const comparesRows = scanned.length > 1 && (plan.isOn('overlap') || plan.isOn('groupOverlap'));
  for (const split of scanned) {
    const { table, facts, expectations } = split;
    const against = reference === split ? undefined : reference;
    const minRows = config.validation?.minRows ?? 1;
    findings.push(...checkRowCounts(table.split, facts.rows, minRows, against?.facts.rows, plan));
    findings.push(...(await checkExpectations(connection, table, expectations, facts)));
    findings.push(...(await checkColumns(connection, table, facts, plan)));
    if (plan.isOn('duplicateRows') || comparesRows) {
      const names = table.columns.map(({ name }) => name);
      const whole = await hashRows(connection, table, names, 'rows');
      if (plan.isOn('duplicateRows')) {
        findings.push(await checkDuplicateRows(connection, whole, facts.rows, plan));
      }
      const compared = names.filter((name) => !plan.divides(name));
      const hashes =
        !comparesRows || compared.length === 0 || compared.length === names.length
          ? whole
          : await hashRows(connection, table, compared, 'compared rows');
      hashed.push({ table, rows: facts.rows, hashes });
    }
    if (against !== undefined) {
      findings.push(...(await checkAgainstReference(connection, split, against, plan)));
      if (plan.isOn('timeOrder')) findings.push(...(await checkTimeOrder(connection, split, against, plan)));
    }
  }
  findings.push(...(await checkOverlaps(connection, hashed, plan)));
  const trainedOn = reference ?? scanned[0];
  if (trainedOn !== undefined && plan.isOn('labelLeakage')) {
    findings.push(...(await checkLeakage(connection, trainedOn, plan, threads)));
  }
  const judged = findings.flatMap((finding) => judge(plan, finding) ?? []);
  const own = await runSqlChecks(
    connection,
    sqlChecks,
    splits.map(({ table }) => table),
  );
  const checks = withoutNothing([...judged, ...own], splits[0]?.table.split ?? '');
  return { checks, profiles: scanned.map(({ profile }) => profile) };
}

type ScannedSplit = ProfiledSplit & { readonly expectations: readonly Expectation[] };

/** The reference first, for the others are counted over its bins and held against it; else as in the config. */
function inOrder(splits: readonly LocatedSplit[], plan: ValidationPlan): LocatedSplit[] {
  const rank = ({ table: { split } }: LocatedSplit) =>
    split === plan.reference ? -1 : plan.splits.indexOf(split);
  return [...splits].sort((a, b) => rank(a) - rank(b));
}

async function profileSplits(
  connection: DuckDBConnection,
  splits: readonly LocatedSplit[],
  { config, plan, threads, file }: Omit<CheckInput, 'splits' | 'sqlChecks'> & { plan: ValidationPlan },
): Promise<ScannedSplit[]> {
  const scanned: ScannedSplit[] = [];
  let reference: Profile | undefined;
  for (const { table, manifest } of splits) {
    const all = config.schema === undefined ? [] : expectationsOf(config.schema, table.columns, file);
    const expectations = expectationsThatAreOn(all, plan);
    const facts = await scanSplit(connection, table, conditionsOf(expectations), threads);
    const profile = await profileSplit(connection, table, facts, manifest, reference);
    if (table.split === plan.reference) reference = profile;
    scanned.push({ table, facts, profile, expectations });
  }
  return scanned;
}

/** Nothing checked is nothing known, which must not look like a success. */
function withoutNothing(checks: readonly CheckResult[], split: string): CheckResult[] {
  if (checks.some(({ verdict }) => verdict !== 'skip')) return [...checks];
  const because = 'no check was run: validation.checks switches all of them off, or none could be judged';
  return [{ check: 'checks', split, verdict: 'fail', because }, ...checks];
}

function hasPassed(checks: readonly CheckResult[]): boolean {
  return checks.every(({ verdict }) => verdict !== 'fail');
}

async function locateSplits(
  project: DatasetProject,
  config: DatasetConfig,
  manifest: DatasetManifest,
  io: StageIo,
): Promise<LocatedSplit[]> {
  const located: LocatedSplit[] = [];
  for (const split of Object.values(manifest.splits)) {
    const { workspaceRoot } = project;
    const file = await ensureSplitFile({ workspaceRoot, dataset: project, config, manifest: split, ...io });
    const table = splitTable(split.split, file, split.columns, config.schema?.missingValues);
    located.push({ manifest: split, file, table });
  }
  return located;
}

/** SQL of the project may read the splits and nothing else; else a verdict could change without its key. */
async function restrictFiles(
  connection: DuckDBConnection,
  splits: readonly LocatedSplit[],
  work: string,
): Promise<void> {
  await connection.run(`SET allowed_paths = [${splits.map(({ file }) => sqlString(file)).join(', ')}]`);
  await connection.run(`SET allowed_directories = [${sqlString(`${work}/`)}]`);
  await connection.run('SET enable_external_access = false');
}

function rowsOf({ splits }: DatasetManifest): Record<string, number> {
  return Object.fromEntries(Object.values(splits).map(({ split, rows }) => [split, rows]));
}
