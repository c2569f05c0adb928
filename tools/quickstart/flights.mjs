import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from '../workspace/tarballs.mjs';

/** Three million US flights of January to June 2001, from the npm package vega-datasets. */
export const flightsFile = join(repository, 'node_modules/vega-datasets/data/flights-3m.parquet');

/** The commands that make the flights dataset and the model of late flights in a workspace, as a user would type them. */
export const flightsCommands = {
  dataset: [
    'g',
    'nx-mlops:dataset',
    'flights',
    '--directory=ml/flights',
    '--source=data/flights.parquet',
    '--prepareSql=data/prepare.sql',
    '--trainWhere=month <= 4',
    '--testWhere=month >= 5',
    '--no-interactive',
  ],
  model: [
    'g',
    'nx-mlops:model',
    'flight-delay',
    '--directory=ml/flight-delay',
    '--dataset=flights',
    '--target=late',
    '--features=hour,weekday,distance,origin,destination',
    '--no-interactive',
  ],
};

/** Puts the data and the SQL where the commands expect them. The data itself is not for git: its lock is. */
export async function copyFlights(workspace) {
  await workspace.edit('.gitignore', (text) => `${text}/data/*.parquet\n`);
  await mkdir(workspace.path('data'), { recursive: true });
  await copyFile(flightsFile, workspace.path('data/flights.parquet'));
  await copyFile(join(repository, 'tools/quickstart/prepare.sql'), workspace.path('data/prepare.sql'));
}
