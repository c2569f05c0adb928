import { join } from 'node:path';
import { copyFlights, flightsCommands } from '../quickstart/flights.mjs';
import { createWorkspace } from '../workspace/create-workspace.mjs';
import { repository } from '../workspace/tarballs.mjs';

/** A workspace with the flights dataset and a trained model of late flights, as the quickstart makes it. */
export async function flightsWorkspace() {
  const workspace = await createWorkspace(join(repository, 'tmp/bench/flights'));
  await copyFlights(workspace);
  await workspace.mustNx(['g', 'nx-mlops:init']);
  await workspace.mustNx(flightsCommands.dataset);
  await workspace.mustNx(flightsCommands.model);
  await workspace.edit('ml/flight-delay/model.config.json', (text) =>
    text.replace(/("epochs":\s*)[0-9.]+/, '$11'),
  );
  // The test split of the model is all three million rows here: evaluation is what is measured.
  await workspace.edit('ml/flights/dataset.config.json', (text) => text.replace('month >= 5', 'month >= 1'));
  await workspace.commit('Flights');
  await workspace.mustNx(['run', 'flight-delay:evaluate']);
  return workspace;
}
