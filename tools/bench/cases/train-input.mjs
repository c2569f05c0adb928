import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

/** What a training script does before it trains: fit the encoder on all rows, read them encoded. */
export default async function trainInput({ context, maxRows }) {
  const { openRun } = require('../../../packages/training/dist');
  const folder = await mkdtemp(join(tmpdir(), 'train-input-'));
  const file = join(folder, 'run.json');
  await writeFile(file, JSON.stringify({ ...context, outputDir: folder, checkpointDir: folder }));
  const start = performance.now();
  const run = await openRun({ env: { MLOPS_RUN: file } });
  const encoder = await run.fitEncoder('train', { maxCategories: 50 });
  const data = await run.readEncoded('train', encoder, { maxRows });
  const seconds = (performance.now() - start) / 1000;
  await rm(folder, { recursive: true });
  return { seconds, rows: data.rows, width: encoder.width };
}
