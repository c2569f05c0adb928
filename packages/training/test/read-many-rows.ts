import { TrainingRun } from '../src/run/training-run';

/** A process of its own, so that its heap can be kept small: reads and encodes the split that it is given. */
async function main(): Promise<void> {
  const [path = '', rows = ''] = process.argv.slice(2);
  const columns = [
    { name: 'a', type: 'number' as const },
    { name: 'b', type: 'integer' as const },
    { name: 's', type: 'string' as const },
    { name: 'y', type: 'number' as const },
  ];
  const run = new TrainingRun({
    version: 1,
    model: 'model',
    task: 'regression',
    features: columns.slice(0, 3),
    target: { name: 'y', type: 'number' },
    params: {},
    seed: 1,
    threads: 1,
    datasets: { train: { dataset: 'data', split: 'train', path, rows: Number(rows), columns } },
    outputDir: '',
    checkpointDir: '',
  });
  const data = await run.readEncoded('train', await run.fitEncoder('train'));
  process.stdout.write(`${data.rows} rows`);
}

void main();
