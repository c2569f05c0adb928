import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Workspace } from '../../tools/workspace/create-workspace.mjs';
import { repository } from '../../tools/workspace/tarballs.mjs';
import { workspaceFor } from '../support';
import { Agent } from '../ci-agent';
import { secondsOf, tasksOf, worked } from '../nx-run-file';

const MODELS = 40;
const AGENTS = 4;

/** How long each training waits, as for a GPU elsewhere: log-normal by its quantiles, from half a second to a dozen. s */
const waits = Array.from({ length: MODELS }, (_, index) => 2 * Math.exp(logit((index + 0.5) / MODELS) / 2.4));

/** Close to the quantiles of a normal distribution, times 1.7. */
function logit(share: number): number {
  return Math.log(share / (1 - share));
}

/** Forty models on four agents, first without and then with the durations of their tasks. */
describe('a check that is spread over agents', () => {
  const folder = join(repository, 'tmp/e2e/ci sharding');
  const kept = join(folder, 'kept by the CI');
  let workspace: Workspace;
  let agents: Agent[];

  beforeAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await mkdir(kept, { recursive: true });
    workspace = await workspaceFor('ci sharding', { daemon: false });
    await fill(workspace);
    agents = [];
    for (let number = 1; number <= AGENTS; number++) {
      agents.push(await Agent.start(workspace, join(folder, `agent ${number}`)));
    }
  }, 900_000);

  it('trains each model once, and remembers how long that took', async () => {
    const { trained } = await check();
    expect(trained).toEqual(allModels());
  });

  it('is done within 1.2 times the best possible, once the durations are known', async () => {
    await workspace.edit('libs/shared/src/index.mjs', (text) => `${text}// All trainings import it.\n`);
    await workspace.commit('A library of all models');
    const { trained, makespan, tasks, planned } = await check();
    expect(trained).toEqual(allModels());
    const total = tasks.reduce((sum, { seconds }) => sum + seconds, 0);
    const best = Math.max(total / AGENTS, ...tasks.map(({ seconds }) => seconds));
    console.log(
      `${MODELS} models on ${AGENTS} agents: ${makespan.toFixed(1)} s, planned ${planned.toFixed(1)} s, the best possible ${best.toFixed(1)} s (${(makespan / best).toFixed(2)} ×), one agent ${total.toFixed(1)} s`,
    );
    expect(makespan).toBeLessThan(1.2 * best);
  });

  /** One pipeline: the first agent plans, all run their shard at once, the first one collects. */
  async function check() {
    const first = agents[0] as Agent;
    await first.freshen([{ from: kept, to: '' }]);
    await first.ci(['plan']);
    const plan = await first.clone.readJson('.mlops/ci/plan.json');
    await rm(join(folder, 'plan'), { recursive: true, force: true });
    await cp(first.path('plan.json'), join(folder, 'plan/plan.json'));
    const shards = await Promise.all(
      agents.map(async (agent, index) => {
        await agent.freshen([
          { from: kept, to: '' },
          { from: join(folder, 'plan'), to: '' },
        ]);
        const name = String(index + 1);
        await agent.ci(['run', `--shard=${name}`], { NX_PARALLEL: '1' });
        return worked(await tasksOf(agent.path('out', name, 'run.json')));
      }),
    );
    for (const agent of agents.slice(1)) await cp(agent.path('out'), first.path('out'), { recursive: true });
    await first.ci(['collect', '--green']);
    for (const name of ['state.json', 'cache']) {
      await cp(first.path(name), join(kept, name), { recursive: true });
    }
    const tasks = shards
      .flat()
      .filter(({ taskId }) => /:train$/.test(taskId))
      .map((task) => ({ name: task.taskId.split(':')[0] as string, seconds: secondsOf(task) }));
    return {
      trained: tasks.map(({ name }) => name).sort(),
      tasks,
      /** Of the agent that worked longest, from its first task to its last. s */
      makespan: Math.max(
        ...shards.map((ran) => {
          const starts = ran.map(({ startTime }) => Date.parse(startTime ?? ''));
          const ends = ran.map(({ endTime }) => Date.parse(endTime ?? ''));
          return ran.length === 0 ? 0 : (Math.max(...ends) - Math.min(...starts)) / 1000;
        }),
      ),
      planned: plan.makespan as number,
    };
  }
});

function allModels(): string[] {
  return waits.map((_, index) => `model-${index}`).sort();
}

const rows = [
  'amount,origin,late',
  ...Array.from({ length: 60 }, (_, row) => `${row / 2},${row % 3 ? 'JFK' : 'LAX'},${row % 4 === 0}`),
  '',
].join('\n');

async function fill(workspace: Workspace): Promise<void> {
  await workspace.mustNx(['g', 'nx-mlops:init']);
  await workspace.edit('mlops.json', (text) =>
    JSON.stringify({
      ...JSON.parse(text),
      ci: { providers: ['gitlab'], targets: ['train'], agents: AGENTS },
    }),
  );
  await workspace.write('libs/shared/project.json', JSON.stringify({ name: 'shared' }));
  await workspace.write('libs/shared/src/index.mjs', 'export const shared = 1;\n');
  await workspace.write('ml/rows/rows.csv', rows);
  await workspace.write(
    'ml/rows/dataset.config.json',
    JSON.stringify({
      sources: { rows: { path: 'rows.csv' } },
      splits: { train: { fraction: 0.7 }, test: { fraction: 0.3 } },
    }),
  );
  const model = join(repository, 'packages/runtime/src/fixtures/columns-binary-n.onnx');
  for (const [index, seconds] of waits.entries()) {
    const root = `ml/model-${index}`;
    await workspace.write(
      `${root}/model.config.json`,
      JSON.stringify({
        task: 'binary-classification',
        datasets: { train: 'rows:train', test: 'rows:test' },
        features: ['amount', 'origin'],
        target: 'late',
        training: { entry: 'train.mjs', params: { seconds } },
      }),
    );
    await workspace.write(
      `${root}/train.mjs`,
      `import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { shared } from '../../libs/shared/src/index.mjs';

const run = JSON.parse(readFileSync(process.env.MLOPS_RUN, 'utf8'));
await setTimeout(1000 * run.params.seconds * shared);
copyFileSync('prepared.onnx', join(run.outputDir, 'model.onnx'));
`,
    );
    await cp(model, workspace.path(root, 'prepared.onnx'));
  }
  await workspace.mustNx(['run', 'rows:lock']);
  await workspace.commit(`${MODELS} models`);
}
