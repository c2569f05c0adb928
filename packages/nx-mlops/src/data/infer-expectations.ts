import {
  layout,
  writeAtomically,
  type DatasetConfig,
  type FieldConfig,
  type SplitManifest,
} from '@nx-mlops/core';
import { applyEdits, modify, type FormattingOptions, type JSONPath } from 'jsonc-parser';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { nameOfFile, readDatasetManifest, type DatasetProject, type StageIo } from './dataset-project';
import { withDuckDb } from './duckdb';
import { ensureSplitFile } from './ensure-split-file';
import { isNumeric, scanSplit, type ColumnFacts, type SplitFacts } from './scan-split';
import { splitTable } from './split-table';

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
  const facts = await withDuckDb({ threads, memoryLimit, signal: io.signal }, (connection) =>
    scanSplit(
      connection,
      splitTable(split.split, file, split.columns, config.schema?.missingValues),
      [],
      threads,
    ),
  );
  const proposals = proposeExpectations(config, facts);
  const configFile = nameOfFile(project, layout.datasetConfig);
  proposals.forEach(({ words }) => io.print(`+ ${words}`));
  if (proposals.length === 0) {
    io.print(`${configFile} says all that ${split.split} suggests.`);
  } else if (dryRun) {
    io.print(`Proposals only, from ${split.split}; nothing was written.`);
  } else {
    const path = join(project.folder, layout.datasetConfig);
    await writeAtomically(path, withProposals(await readFile(path, 'utf8'), proposals));
    io.print(`Written into ${configFile}, from ${split.split}. Review them: another month may look otherwise.`);
  }
  return proposals;
}

/** What a split suggests and the config does not say; conservative, since the next data has to hold it too. */
export function proposeExpectations(config: DatasetConfig, facts: SplitFacts): Proposal[] {
  const { schema } = config;
  const proposals: Proposal[] = [];
  const key = proposedKey(config, facts);
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
function proposedKey({ schema }: DatasetConfig, { rows, columns }: SplitFacts): string | undefined {
  if (schema?.primaryKey !== undefined || rows < LEAST_ROWS) return undefined;
  return columns.find(
    ({ name, type, missing, unique }) =>
      (type === 'string' || type === 'integer') &&
      missing === 0 &&
      unique === true &&
      /(^|[_\W])(id|key|uuid|guid)$|[a-z]I[dD]$/i.test(name),
  )?.name;
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
