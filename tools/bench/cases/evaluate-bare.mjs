import { DuckDBInstance } from '@duckdb/node-api';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/**
 * The limit: the bare ONNX Runtime loop over the same rows, already in memory as columns, in batches, one thread, nothing
 * measured. Only the loop is timed: making the input tensors of a batch and running the session.
 */
export default async function evaluateBare({ modelFile, splitFile, features, batchRows }) {
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
  const rows = columns[features[0].name].length;
  const session = await InferenceSession.create(modelFile, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const start = performance.now();
  for (let from = 0; from < rows; from += batchRows) {
    const to = Math.min(rows, from + batchRows);
    const feeds = {};
    for (const { name, type } of features) {
      feeds[name] =
        type === 'string'
          ? new Tensor('string', columns[name].slice(from, to), [to - from, 1])
          : new Tensor('float32', columns[name].subarray(from, to), [to - from, 1]);
    }
    await session.run(feeds);
  }
  return { seconds: (performance.now() - start) / 1000, rows };
}
