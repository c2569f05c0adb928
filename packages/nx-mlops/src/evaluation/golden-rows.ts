import { mostGoldenRows, toJsonNumber, type Column, type Golden } from '@nx-mlops/core';
import type { ColumnBatch, ColumnValues, LoadedModel } from '@nx-mlops/runtime';
import type { LocalSplit } from '../training/project-folder';
import { goldenScores } from './golden-scores';

type GoldenValue = Golden['rows'][number]['values'][number];

/** Rows chosen for a missing value, and in all for what they hold. The others are spread evenly. */
const MOST_WITH_MISSING = 4;
const MOST_NOTABLE = 8;

/**
 * Chooses golden rows while a split streams by. The same split gives the same rows: from the first batch those with a
 * missing value or a category that the others lack, then rows spread evenly over all.
 */
export class GoldenRows {
  readonly #chosen = new Map<number, readonly GoldenValue[]>();
  #spread: readonly number[] | undefined;

  constructor(
    private readonly features: readonly Column[],
    private readonly rows: number,
  ) {}

  /** @param offset row of the split that the batch begins with; batches come in order */
  take(batch: ColumnBatch, offset: number): void {
    const columnsOf = () => this.features.map(({ name }) => batch.columns[name] as ColumnValues);
    if (this.#spread === undefined) {
      const notable = this.rows > mostGoldenRows ? this.#notableRows(columnsOf(), batch.rows) : [];
      this.#spread = [...notable, ...evenlySpread(this.rows, mostGoldenRows - notable.length)];
    }
    const rows = this.#spread.filter((row) => row >= offset && row < offset + batch.rows);
    // Most batches have none, and their texts need not be made.
    if (rows.length === 0) return;
    const columns = columnsOf();
    for (const row of rows) {
      this.#chosen.set(
        row,
        this.features.map((feature, index) =>
          jsonValue(feature, (columns[index] as ColumnValues)[row - offset]),
        ),
      );
    }
  }

  /** The rows with the answers of the model that they came by for, predicted together. */
  async answeredBy(model: LoadedModel, { manifest: test }: Pick<LocalSplit, 'manifest'>): Promise<Golden> {
    const { dataset, split, file } = test;
    const rows = [...this.#chosen].sort(([a], [b]) => a - b).map(([row, values]) => ({ row, values }));
    const golden: Golden = {
      version: 1,
      model: model.manifest.model,
      modelSha256: model.manifest.file.sha256,
      test: { dataset, split, sha256: file.sha256 },
      features: this.features.map(({ name, type }) => ({ name, type })),
      rows: rows.map(({ row, values }) => ({ row, values: [...values], scores: [] })),
    };
    const scores = await goldenScores(model, golden);
    return {
      ...golden,
      rows: golden.rows.map((row, index) => ({
        ...row,
        scores: (scores[index] as number[]).map(toJsonNumber),
      })),
    };
  }

  #notableRows(columns: readonly ColumnValues[], rows: number): number[] {
    const found = new Set<number>();
    this.#addWithNew(found, columns, rows, MOST_WITH_MISSING, (value) =>
      isMissing(value) ? null : undefined,
    );
    this.#addWithNew(found, columns, rows, MOST_NOTABLE, (value, { type }) =>
      typeof value === 'string' || type === 'boolean' ? value : undefined,
    );
    return [...found];
  }

  /** Adds rows, in order, that have a fact in some feature which no row before had, until there are `most`. */
  #addWithNew(
    found: Set<number>,
    columns: readonly ColumnValues[],
    rows: number,
    most: number,
    factOf: (value: unknown, feature: Column) => unknown,
  ): void {
    const seen = this.features.map(() => new Set<unknown>());
    const news = (row: number) =>
      this.features.flatMap((feature, index) => {
        const fact = factOf((columns[index] as ColumnValues)[row], feature);
        return fact === undefined || seen[index]?.has(fact) === true ? [] : [{ index, fact }];
      });
    const learn = (row: number) => news(row).forEach(({ index, fact }) => seen[index]?.add(fact));
    found.forEach(learn);
    for (let row = 0; row < rows && found.size < most; row += 1) {
      if (news(row).length === 0) continue;
      found.add(row);
      learn(row);
    }
  }
}

/** The middles of `count` equal parts of the rows; all rows where there are no more. */
function evenlySpread(rows: number, count: number): number[] {
  if (rows <= count) return Array.from({ length: rows }, (_, row) => row);
  return Array.from({ length: count }, (_, index) => Math.floor(((index + 0.5) * rows) / count));
}

function isMissing(value: unknown): boolean {
  return value === null || value === undefined || Number.isNaN(value);
}

function jsonValue({ type }: Column, value: unknown): GoldenValue {
  if (isMissing(value)) return null;
  if (type === 'boolean') return Boolean(value);
  return typeof value === 'string' ? value : toJsonNumber(Number(value));
}
