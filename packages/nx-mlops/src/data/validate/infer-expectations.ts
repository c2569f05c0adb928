import {
  layout,
  writeAtomically,
  type DatasetConfig,
  type FieldConfig,
  type SplitManifest,
} from '@nx-mlops/core';
import type { DuckDBConnection } from '@duckdb/node-api';
import { applyEdits, modify, type FormattingOptions, type JSONPath } from 'jsonc-parser';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { nameOfFile, type DatasetProject, type StageIo } from '../dataset-project';
import { readDatasetManifest } from '../read-dataset-manifest';
import { withDuckDb } from '../duckdb';
import { ensureSplitFile } from '../ensure-split-file';
import { isNumeric, scanSplit, type ColumnFacts, type SplitFacts } from './scan-split';
import { rowsOf, splitTable, type SplitTable } from './split-table';
import { sqlIdentifier } from '../sql-text';

export interface InferOptions {
  /** Only prints. */
  readonly dryRun?: boolean;
  /** Memory for DuckDB's buffers, such as "2GB". */
  readonly memoryLimit?: string;
}

/** Something that the config does not say yet. */
export interface Proposal {
  readonly path: JSONPath;
  readonly value: unknown;
  /** Such as `schema.fields: origin (string), required`. */
  readonly words: string;
}

/** Fewer rows say little about the next ones. */
const LEAST_ROWS = 100;
/** More categories are seldom a closed list. */
const MOST_CATEGORIES = 20;
/** A category with fewer rows suggests that there are more of its kind. */
const ROWS_OF_CATEGORY = 5;
const MOST_THREADS = 4;

/**
 * Proposes fields and expectations from the reference split of the prepared data and writes them into
 * `dataset.config.json`, whose comments and layout stay. Only what the config does not say is added.
 *
 * @returns what was proposed
 * @throws MlopsError MLOPS_MANIFEST_MISSING before the first prepare; what `ensureSplitFile` throws
 */
export async function inferExpectations(
  project: DatasetProject,
  config: DatasetConfig,
  io: StageIo,
  { dryRun = false, memoryLimit }: InferOptions = {},
): Promise<Proposal[]> {
  const manifest = await readDatasetManifest(project);
  const names = Object.keys(config.splits);
  const chosen = config.validation?.reference ?? (names.includes('train') ? 'train' : names[0]);
  const split = manifest.splits[chosen as string] ?? (Object.values(manifest.splits)[0] as SplitManifest);
  const { workspaceRoot } = project;
  const file = await ensureSplitFile({ workspaceRoot, dataset: project, config, manifest: split, ...io });
  const threads = Math.min(MOST_THREADS, availableParallelism());
  const table = splitTable(split.split, file, split.columns, config.schema?.missingValues);
  const proposals = await withDuckDb({ threads, memoryLimit, signal: io.signal }, async (connection) => {
    const facts = await scanSplit(connection, table, [], threads);
    return proposeExpectations(config, facts, await keyOf(connection, table, facts));
  });
  const configFile = nameOfFile(project, layout.datasetConfig);
  proposals.forEach(({ words }) => io.print(`+ ${words}`));
  if (proposals.length === 0) {
    io.print(`${configFile} says all that ${split.split} suggests.`);
  } else if (dryRun) {
    io.print(`Proposals only, from ${split.split}; nothing was written.`);
  } else {
    const path = join(project.folder, layout.datasetConfig);
    await writeAtomically(path, withProposals(await readFile(path, 'utf8'), proposals));
    io.print(
      `Written into ${configFile}, from ${split.split}. Review them: another month may look otherwise.`,
    );
  }
  return proposals;
}

/**
 * What a split suggests and the config does not say; conservative, since the next data has to hold it too.
 *
 * @param foundKey a column that may be the primary key
 */
export function proposeExpectations(
  config: DatasetConfig,
  facts: SplitFacts,
  foundKey: string | undefined,
): Proposal[] {
  const { schema } = config;
  const proposals: Proposal[] = [];
  const key = schema?.primaryKey === undefined ? foundKey : undefined;
  let next = schema?.fields.length ?? 0;
  for (const column of facts.columns) {
    const index = schema?.fields.findIndex(({ name }) => name === column.name) ?? -1;
    const field = schema?.fields[index];
    const constraints = constraintsFor(column, facts.rows, column.name === key);
    if (field === undefined) {
      const { name, type } = column;
      const said = Object.keys(constraints).length === 0 ? {} : { constraints };
      proposals.push({
        path: ['schema', 'fields', next],
        value: { name, type, ...said },
        words: `schema.fields: ${name} (${[type, ...describe(constraints)].join(', ')})`,
      });
      next += 1;
    } else if (field.type === column.type && field.constraints === undefined && field.ml?.role !== 'ignore') {
      // Whoever wrote some constraints has thought about the others.
      if (Object.keys(constraints).length === 0) continue;
      proposals.push({
        path: ['schema', 'fields', index, 'constraints'],
        value: constraints,
        words: `schema.fields: ${column.name}: ${describe(constraints).join(', ')}`,
      });
    }
  }
  if (key !== undefined) {
    proposals.push({ path: ['schema', 'primaryKey'], value: [key], words: `schema.primaryKey: ${key}` });
  }
  return proposals;
}

type Constraints = NonNullable<FieldConfig['constraints']>;

function constraintsFor(column: ColumnFacts, rows: number, isKey: boolean): Constraints {
  if (rows < LEAST_ROWS) return {};
  const { values, minimum, missing, type } = column;
  const isCategory =
    type === 'string' &&
    values !== undefined &&
    values.length > 1 &&
    values.length <= MOST_CATEGORIES &&
    values.every((value) => value.rows >= ROWS_OF_CATEGORY);
  return {
    ...(missing === 0 ? { required: true } : {}),
    ...(isNumeric(column) && !isKey && typeof minimum === 'number' && minimum >= 0 ? { minimum: 0 } : {}),
    ...(isCategory ? { enum: values.map(({ value }) => value).sort() } : {}),
  };
}

/** A complete column without repetition that is named like a key. */
async function keyOf(
  connection: DuckDBConnection,
  { from }: SplitTable,
  { rows, columns }: SplitFacts,
): Promise<string | undefined> {
  if (rows < LEAST_ROWS) return undefined;
  for (const { name, type, missing, sketch } of columns) {
    const named = /(^|[_\W])(id|key|uuid|guid)$/i.test(name) || /[a-z]I[dD]$/.test(name);
    const likely =
      (type === 'string' || type === 'integer') && missing === 0 && sketch.estimate() > rows * 0.9;
    if (!named || !likely) continue;
    const [row = []] = await rowsOf(connection, `SELECT count(DISTINCT ${sqlIdentifier(name)}) FROM ${from}`);
    if (Number(row[0]) === rows) return name;
  }
  return undefined;
}

function describe({ required, minimum, enum: allowed }: Constraints): string[] {
  return [
    ...(required === true ? ['required'] : []),
    ...(minimum === undefined ? [] : [`minimum ${minimum}`]),
    ...(allowed === undefined ? [] : [`enum ${allowed.join(' | ')}`]),
  ];
}

/** The config's text with the proposals in it, in the indentation that it has. */
export function withProposals(text: string, proposals: readonly Proposal[]): string {
  const indent = /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ';
  const formattingOptions: FormattingOptions = {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.startsWith('\t') ? 1 : indent.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
  return proposals.reduce(
    (current, { path, value }) => applyEdits(current, modify(current, path, value, { formattingOptions })),
    text,
  );
}
