import type { DuckDBDataChunk } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import type { Column, SliceValue } from '@nx-mlops/core';
import type { CodeArray, CodedText, ColumnValues } from '@nx-mlops/runtime';
import { sqlIdentifier } from './sql-text';

/** Gathers a column of a query into the arrays of one batch after the other. */
export interface VectorReader {
  /** What the query selects for it. It is never NULL where the vector is read as bytes. */
  readonly selection: string;
  /** Starts a batch with an array of its own. */
  begin(rows: number): void;
  /** @param column of the chunk */
  take(chunk: DuckDBDataChunk, column: number, from: number, count: number, at: number): void;
  /** The batch, of so many rows. */
  finish(rows: number): ColumnValues | CodeArray;
  /** What `finish` gave last, the codes, with the values: of text that is read by its distinct values. */
  text?(): CodedText;
}

type FixedArray = Float64Array | Float32Array | CodeArray;
type FixedConstructor<Values extends FixedArray> = {
  new (length: number): Values;
  new (buffer: ArrayBufferLike, offset: number, length: number): Values;
  readonly BYTES_PER_ELEMENT: number;
};

/** @param dictionary of a text column that has few distinct values */
export function columnReader(
  { name, type }: Column,
  dictionary?: { readonly selection: string; readonly values: readonly SliceValue[] },
): VectorReader {
  const column = sqlIdentifier(name);
  switch (type) {
    case 'integer':
    case 'number':
      return bytesReader(`coalesce(CAST(${column} AS DOUBLE), CAST('NaN' AS DOUBLE))`, Float64Array);
    case 'boolean':
      return bytesReader(
        `coalesce(CAST(CAST(${column} AS BOOLEAN) AS FLOAT), CAST('NaN' AS FLOAT))`,
        Float32Array,
      );
    case 'string':
      return dictionary === undefined
        ? textReader(`CAST(${column} AS VARCHAR)`)
        : dictionaryReader(dictionary.selection, dictionary.values as readonly (string | null)[]);
    case 'date':
    case 'datetime':
      return textReader(`CAST(${column} AS VARCHAR)`);
  }
}

/** @param values how many there are: the codes are below */
export function codesReader(selection: string, values: number): VectorReader {
  if (values <= 2 ** 8) return bytesReader(selection, Uint8Array);
  return values <= 2 ** 16 ? bytesReader(selection, Uint16Array) : bytesReader(selection, Uint32Array);
}

/** Copies a vector's memory as it is, where `getItem` would ask for the validity of each value. */
function bytesReader<Values extends FixedArray>(
  selection: string,
  Values: FixedConstructor<Values>,
): VectorReader & { finish(rows: number): Values } {
  let values = new Values(0);
  return {
    selection,
    begin(rows) {
      values = new Values(rows);
    },
    take(chunk, column, from, count, at) {
      const vector = duckdb.data_chunk_get_vector(chunk.chunk, column);
      const { buffer, byteOffset } = duckdb.vector_get_data(
        vector,
        chunk.rowCount * Values.BYTES_PER_ELEMENT,
      );
      values.set(new Values(buffer, byteOffset + from * Values.BYTES_PER_ELEMENT, count), at);
    },
    finish: (rows) => (rows === values.length ? values : (values.slice(0, rows) as Values)),
  };
}

function dictionaryReader(selection: string, values: readonly (string | null)[]): VectorReader {
  const reader = codesReader(selection, values.length);
  let text: CodedText = { codes: new Uint8Array(0), values };
  return {
    ...reader,
    text: () => text,
    finish(rows) {
      text = { codes: reader.finish(rows) as CodeArray, values };
      return text.codes;
    },
  };
}

/** The text of each row. */
export function textsOf({ codes, values }: CodedText): (string | null)[] {
  const texts = new Array<string | null>(codes.length);
  for (let row = 0; row < codes.length; row += 1) texts[row] = values[codes[row] as number] as string | null;
  return texts;
}

function textReader(selection: string): VectorReader {
  let values: (string | null)[] = [];
  return {
    selection,
    begin(rows) {
      values = new Array<string | null>(rows);
    },
    take(chunk, column, from, count, at) {
      const vector = chunk.getColumnVector(column);
      for (let row = 0; row < count; row += 1) values[at + row] = vector.getItem(from + row) as string | null;
    },
    finish: (rows) => (rows === values.length ? values : values.slice(0, rows)),
  };
}
