import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Encoder } from '../src/encoding/encoder';
import type { Row } from './run-fixture';

/** What ONNX Runtime makes of raw rows: the output `scores`, flat. */
export async function predict(
  onnx: Uint8Array,
  encoder: Encoder,
  rows: readonly Row[],
): Promise<Float32Array> {
  const session = await InferenceSession.create(onnx, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const feeds = Object.fromEntries(
    encoder.features.map(({ feature, type }) => {
      const values = rows.map((row) => row[feature] ?? null);
      return [
        feature,
        type === 'string'
          ? new Tensor(
              'string',
              values.map((value) => (value === null ? '' : String(value))),
              [rows.length, 1],
            )
          : new Tensor(
              'float32',
              Float32Array.from(values, (value) => (value === null ? NaN : Number(value))),
              [rows.length, 1],
            ),
      ];
    }),
  );
  const { scores } = await session.run(feeds);
  await session.release();
  return scores?.data as Float32Array;
}
