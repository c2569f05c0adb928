import { DuckDBInstance } from '@duckdb/node-api';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/**
 * The limit: the bare ONNX Runtime loop over the same rows, already in memory as columns, in batches, nothing measured.
 * Only the loop is timed: making the input tensors of a batch and running the session.
 *
 * @param {{ threads?: number, part?: { index: number, of: number } }} input among others: `threads` of ONNX Runtime, by
 *   default one, 0 for as many as it takes by itself; `part` of the rows that is predicted, by default all
 */
export default async function evaluateBare({
  modelFile,
  splitFile,
  features,
  batchRows,
  threads = 1,
  part: { index, of } = { index: 0, of: 1 },
}) {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const columns = {};
  for (const { name, type } of features) {
    const values = type === 'string' ? [] : [];
    const result = await connection.stream(
      `SELECT "${name}"${type === 'string' ? '' : '::FLOAT'} FROM read_parquet('${splitFile}')`,
    );
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) break;
      for (const value of chunk.getColumnValues(0)) values.push(value ?? (type === 'string' ? '' : NaN));
    }
    columns[name] = type === 'string' ? values : Float32Array.from(values);
  }
  const all = columns[features[0].name].length;
  const [first, end] = [index, index + 1].map((edge) => Math.floor((edge * all) / of));
  const session = await InferenceSession.create(modelFile, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
  });
  const start = performance.now();
  for (let from = first; from < end; from += batchRows) {
    const to = Math.min(end, from + batchRows);
    const feeds = {};
    for (const { name, type } of features) {
      feeds[name] =
        type === 'string'
          ? new Tensor('string', columns[name].slice(from, to), [to - from, 1])
          : new Tensor('float32', columns[name].subarray(from, to), [to - from, 1]);
    }
    await session.run(feeds);
  }
  return { seconds: (performance.now() - start) / 1000, rows: end - first };
}
