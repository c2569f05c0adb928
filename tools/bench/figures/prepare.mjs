import { join } from 'node:path';
import { repository } from '../../workspace/tarballs.mjs';
import { inProcess, sideBySide } from '../measure.mjs';

const cases = join(repository, 'tools/bench/cases');

export async function prepareFigures(workspace) {
  const ours = { workspaceRoot: workspace.folder, name: 'flights', root: 'ml/flights' };
  const bare = {
    source: workspace.path('data/flights.parquet'),
    sqlFile: workspace.path('ml/flights/prepare.sql'),
    splits: { train: 'month <= 4', test: 'month >= 1' },
    output: workspace.path('tmp-duckdb'),
  };
  const [mine, limit] = await sideBySide(
    5,
    () => inProcess(join(cases, 'prepare-ours.mjs'), ours),
    () => inProcess(join(cases, 'prepare-duckdb.mjs'), { ...bare, threads: 1 }),
  );
  const allCores = await inProcess(join(cases, 'prepare-duckdb.mjs'), { ...bare, threads: 2 });
  const ratio = mine.seconds / limit.seconds;
  return {
    title: 'Prepare: three million flights',
    about:
      'The whole `prepare` stage (lock checked, SQL, two splits to Parquet, digests, into the store) beside bare DuckDB that runs the same SQL and writes the same splits, on one thread as ours: with more the bytes of the files differ from run to run.',
    rows: [
      {
        figure: 'time',
        ours: `${mine.seconds.toFixed(2)} s`,
        beside: `bare DuckDB, 1 thread ${limit.seconds.toFixed(2)} s (2 threads ${allCores.seconds.toFixed(2)} s)`,
        ratio: `${ratio.toFixed(2)} ×`,
        aim: 'shown',
        met: true,
      },
      {
        figure: 'peak memory',
        ours: `${mine.peakMegabytes.toFixed(0)} MB`,
        beside: `bare DuckDB ${limit.peakMegabytes.toFixed(0)} MB`,
        ratio: `${(mine.peakMegabytes / limit.peakMegabytes).toFixed(2)} ×`,
        aim: 'under 1 GB',
        met: mine.peakMegabytes < 1024,
      },
    ],
  };
}
