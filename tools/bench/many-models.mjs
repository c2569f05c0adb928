import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createWorkspace } from '../workspace/create-workspace.mjs';
import { repository } from '../workspace/tarballs.mjs';

const model = join(repository, 'packages/runtime/src/fixtures/columns-binary-n.onnx');

/** A training that costs next to nothing, so that what is measured is what is around it. */
const trainScript = `const { copyFileSync, readFileSync } = require('node:fs');
const run = JSON.parse(readFileSync(process.env.MLOPS_RUN, 'utf8'));
copyFileSync('model.onnx.fixture', run.outputDir + '/model.onnx');
`;

/** A workspace with one dataset, `measures`, and `count` models of it, in `ml/`. */
export async function manyModels(folder, count, options) {
  const workspace = await createWorkspace(folder, options);
  await workspace.mustNx(['g', 'nx-mlops:init']);
  const rows = Array.from(
    { length: 200 },
    (_, row) => `${row / 100},${row % 2 ? 'JFK' : 'LAX'},${row % 3 === 0}`,
  );
  await workspace.write('ml/measures/measures.csv', `amount,origin,late\n${rows.join('\n')}\n`);
  await workspace.write(
    'ml/measures/dataset.config.json',
    JSON.stringify({
      sources: { measures: { path: 'measures.csv' } },
      splits: { train: { fraction: 0.5 }, test: { fraction: 0.5 } },
    }),
  );
  for (let index = 0; index < count; index++) {
    const root = `ml/model-${String(index).padStart(4, '0')}`;
    await mkdir(workspace.path(root), { recursive: true });
    await copyFile(model, workspace.path(root, 'model.onnx.fixture'));
    await workspace.write(`${root}/train.js`, trainScript);
    await workspace.write(
      `${root}/model.config.json`,
      JSON.stringify({
        task: 'binary-classification',
        datasets: { train: 'measures:train', test: 'measures:test' },
        features: ['amount', 'origin'],
        target: 'late',
        training: { entry: 'train.js', params: { index } },
      }),
    );
  }
  await workspace.mustNx(['run', 'measures:lock']);
  return workspace;
}
