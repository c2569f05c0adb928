import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from '../../workspace/tarballs.mjs';
import { inProcess, medianBySeconds } from '../measure.mjs';

const sizes = {
  full: { models: 1000, events: 1000, rounds: 5 },
  small: { models: 50, events: 200, rounds: 2 },
};
const folder = join(repository, 'tmp/bench/registry');
const first = 'model-0000';

export async function registryFigures({ small }) {
  const size = small ? sizes.small : sizes.full;
  await rm(folder, { recursive: true, force: true });
  try {
    return await figures(size);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function figures({ models: count, events, rounds }) {
  const models = Array.from({ length: count }, (_, index) => `model-${String(index).padStart(4, '0')}`);
  const run = (task) =>
    inProcess(join(repository, 'tools/bench/cases/registry-ours.mjs'), { task, folder, models, events });
  console.log('Writing the logs …');
  const { bytes } = await run('make');
  // What a rollback or an append leaves would be there for the next round.
  const kept = `${folder}.kept`;
  const model = join(folder, 'models', first);
  await cp(model, kept, { recursive: true });
  const takenBack = async (task) => {
    const result = await run(task);
    await rm(model, { recursive: true });
    await cp(kept, model, { recursive: true });
    return result;
  };
  const results = { summaries: [], 'read-logs': [], rollback: [], append: [] };
  for (let round = 0; round < rounds; round++) {
    for (const task of ['summaries', 'read-logs']) results[task].push(await run(task));
    for (const task of ['rollback', 'append']) results[task].push(await takenBack(task));
  }
  await rm(kept, { recursive: true });
  const [summaries, readLogs, rollback, append] = Object.values(results).map(medianBySeconds);
  if (summaries.count !== count || summaries.last !== events || rollback.to !== 1)
    throw new Error(`The registry said something else: ${JSON.stringify([summaries, rollback])}`);
  const row = (figure, ours, beside, peer) => ({
    figure,
    ours: seconds(ours),
    beside: `${beside} ${seconds(peer)}`,
    ratio: `${(ours.seconds / peer.seconds).toFixed(2)} ×`,
    aim: 'under 1 s',
    met: ours.seconds < 1,
  });
  const logs = `${count.toLocaleString('en')} models of ${events.toLocaleString('en')} events`;
  return {
    title: `Registry: ${logs}`,
    about: `A registry in a folder whose logs are ${(bytes / 1000).toFixed(0)} kB each. Ours from loading the package to the answer, Nx's start apart. \`summaries()\` tells what serves, what is on its way and what is blocked of all models, from the snapshots that writers leave (${events % 16} events behind here), with what follows them verified; beside it stands the limit of any way that reads every log: their bytes alone, neither parsed nor verified. \`rollback\` reads and verifies the whole log of its model and flushes one event to the disk; beside it, the bare reading and appending. All files are in the page cache.`,
    rows: [
      row('what all models come to', summaries, 'reading the bytes of every log', readLogs),
      row('one rollback, the whole log verified', rollback, 'reading the log, appending a line', append),
    ],
  };
}

function seconds({ seconds: value }) {
  return `${value.toFixed(3)} s`;
}
