// How near spreading over agents comes to what no spreading can better, on simulated workspaces.
// npx tsx tools/bench/spread.mjs
import { simulatedWork } from '../../packages/nx-mlops/src/ci/plan/simulated-work.fixture.ts';
import { spread } from '../../packages/nx-mlops/src/ci/plan/spread.ts';

const cases = [
  { models: 40, datasets: 1, agents: 4, seeds: 1000 },
  { models: 40, datasets: 5, agents: 4, seeds: 1000 },
  { models: 40, datasets: 8, agents: 4, seeds: 1000 },
  { models: 40, datasets: 20, agents: 4, seeds: 1000 },
  { models: 40, datasets: 8, agents: 8, seeds: 1000 },
  { models: 200, datasets: 20, agents: 16, seeds: 100 },
  { models: 1000, datasets: 50, agents: 64, seeds: 5 },
];

for (const { models, datasets, agents, seeds } of cases) {
  const began = performance.now();
  const ratios = Array.from({ length: seeds }, (_, seed) => {
    const { makespan, lowerBound } = spread(simulatedWork(seed, { models, datasets }), agents);
    return makespan / lowerBound;
  }).sort((a, b) => a - b);
  const at = (share) => ratios[Math.floor(share * (seeds - 1))].toFixed(3);
  const ms = (performance.now() - began) / seeds;
  console.log(
    `${models} models, ${datasets} datasets, ${agents} agents: median ${at(0.5)}, 99 % ${at(0.99)}, most ${at(1)} of the lower bound; ${ms.toFixed(0)} ms each, ${seeds} seeds`,
  );
}
