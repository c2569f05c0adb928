import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Workspace } from '../../tools/workspace/create-workspace.mjs';
import { repository } from '../../tools/workspace/tarballs.mjs';
import { workspaceFor } from '../support';
import { Agent } from '../ci-agent';
import { fillWorkspace } from './fill-workspace';
import { nameOf, secondsOf, tasksOf, worked, type RanTask } from '../nx-run-file';

interface Commit {
  readonly title: string;
  readonly change: (workspace: Workspace) => Promise<void>;
  /** Tasks that do work in its pipeline; all others are left out or come from the cache. */
  readonly runs: readonly string[];
}

const species = ['species:train', 'species:evaluate', 'species:test-model'];
const island = ['island:train', 'island:evaluate', 'island:test-model'];
const data = ['species-data:prepare', 'species-data:validate'];
const web = ['web:lint', 'web:test', 'web:build'];
/** Judging and deploying are quick and never cached: they run wherever something they rest on changed. */
const delivered = (model: string) => [`${model}:gate`, `${model}:deploy`];

const config = (model: string) => `ml/${model}/model.config.json`;

/** Ten commits on main, in this order, each built on the one before. */
const commits: readonly Commit[] = [
  {
    title: 'the first one',
    change: async () => {},
    runs: [
      ...data,
      ...species,
      ...island,
      ...web,
      'features:lint',
      ...delivered('species'),
      ...delivered('island'),
    ],
  },
  {
    title: 'README of the workspace and of a model',
    change: async (workspace) => {
      await workspace.write('README.md', '# Penguins\n');
      await workspace.edit('ml/species/README.md', (text) => `${text}\nA note.\n`);
    },
    runs: [],
  },
  {
    title: 'library that one training imports',
    change: (workspace) =>
      workspace.edit('libs/features/src/greeting.ts', (text) => text.replace('Penguins', 'All penguins')),
    runs: ['features:lint', 'species:train', ...delivered('species')],
  },
  {
    title: 'app only',
    change: (workspace) =>
      workspace.edit('apps/web/main.mjs', (text) => text.replace('Penguins', 'Our penguins')),
    runs: web,
  },
  {
    title: 'gate only',
    change: (workspace) =>
      workspace.edit(config('species'), (text) => text.replace(/"min": 0\.\d+/, '"min": 0.5')),
    runs: delivered('species'),
  },
  {
    title: 'parameter of one model',
    change: (workspace) => moreEpochs(workspace, 'island'),
    runs: [...island, ...delivered('island')],
  },
  {
    title: 'dataset and its lock',
    change: async (workspace) => {
      await workspace.edit('ml/species-data/penguins.csv', (text) => {
        const lines = text.trimEnd().split('\n');
        return `${[...lines, lines.at(-1)].join('\n')}\n`;
      });
      await workspace.mustNx(['run', 'species-data:lock']);
    },
    runs: [...data, ...species, ...island, ...delivered('species'), ...delivered('island')],
  },
  {
    title: 'environment lock: an unrelated npm package',
    change: (workspace) => editLock(workspace, 'left-pad'),
    // Nx takes every project for affected by an edit of the lock; what is cached comes from the cache all the same.
    runs: [...delivered('species'), ...delivered('island')],
  },
  {
    title: 'environment lock: a package that the trainings import',
    change: (workspace) => editLock(workspace, '@tensorflow/tfjs-core'),
    runs: ['species:train', 'island:train', ...delivered('species'), ...delivered('island')],
  },
  {
    title: 'test of a model',
    change: (workspace) => workspace.edit('ml/species/src/model.test.ts', (text) => `${text}\n// A note.\n`),
    runs: ['species:test-model'],
  },
];

async function moreEpochs(workspace: Workspace, model: string): Promise<void> {
  await workspace.edit(config(model), (text) =>
    text.replace(/"epochs": (\d+)/, (_, epochs) => `"epochs": ${Number(epochs) + 1}`),
  );
}

/** Gives an npm package of the lockfile another version, as an upgrade does, or adds one. */
async function editLock(workspace: Workspace, name: string): Promise<void> {
  const lock = JSON.parse(await workspace.read('package-lock.json'));
  lock.packages[`node_modules/${name}`] = {
    ...lock.packages[`node_modules/${name}`],
    version: '99.0.0',
    integrity: 'sha512-another',
  };
  await workspace.write('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
}

interface Played {
  readonly title: string;
  readonly ran: readonly string[];
  /** Of the tasks that ran. s */
  readonly work: number;
}

/** Each commit goes through the commands of the pipeline, on two fresh agents that share nothing but what it hands on. */
describe('ten commits through the pipeline', () => {
  const folder = join(repository, 'tmp/e2e/ci history');
  /** What the CI system keeps from one pipeline to the next. */
  const kept = join(folder, 'kept by the CI');
  let workspace: Workspace;
  let check: Agent;
  let deploy: Agent;
  const played: Played[] = [];

  beforeAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await mkdir(kept, { recursive: true });
    workspace = await workspaceFor('ci history', { daemon: false });
    await fillWorkspace(workspace, join(folder, 'registry'));
    check = await Agent.start(workspace, join(folder, 'agent of checks'));
    deploy = await Agent.start(workspace, join(folder, 'agent of deployments'));
  }, 900_000);
  afterAll(() => console.log(table(played)));

  it.each(commits)('$title', async ({ title, change, runs }) => {
    await change(workspace);
    await workspace.commit(title);
    const ran = worked(await pipeline());
    played.push({
      title,
      ran: [...new Set(ran.map(nameOf))].sort(),
      work: ran.reduce((sum, task) => sum + secondsOf(task), 0),
    });
    expect(played.at(-1)?.ran).toEqual([...runs].sort());
  });

  it('does a fraction of the tasks that running everything on each commit would do', () => {
    expect(played).toHaveLength(commits.length);
    const done = played.reduce((sum, { ran }) => sum + ran.length, 0);
    expect(done).toBeLessThan(everythingOf(played, ({ ran }) => ran.length) / 2);
  });

  /** @returns what Nx says of all tasks of both jobs */
  async function pipeline(): Promise<RanTask[]> {
    await check.freshen([{ from: kept, to: '' }]);
    await check.ci(['run']);
    await deploy.freshen([
      { from: kept, to: '' },
      { from: check.path('out'), to: 'out' },
    ]);
    await deploy.ci(['collect']);
    await deploy.ci(['deploy', '--environment=staging']);
    await deploy.ci(['smoke', '--environment=staging']);
    await deploy.ci(['promote', '--to=production']);
    await deploy.ci(['collect', '--green']);
    for (const name of ['state.json', 'cache']) {
      await cp(deploy.path(name), join(kept, name), { recursive: true });
    }
    return [
      ...(await tasksOf(deploy.path('out/check/run.json'))),
      ...(await tasksOf(deploy.path('out/deploy-staging/run.json'))),
    ];
  }
});

/** The first commit runs everything, so ten times that is what a pipeline without affected and cache does. */
function everythingOf(played: readonly Played[], amount: (each: Played) => number): number {
  return played.length * (played[0] === undefined ? 0 : amount(played[0]));
}

function table(played: readonly Played[]): string {
  const work = played.reduce((sum, each) => sum + each.work, 0);
  const tasks = played.reduce((sum, { ran }) => sum + ran.length, 0);
  return [
    '| commit | what ran | tasks | work |',
    '| --- | --- | --- | --- |',
    ...played.map(
      ({ title, ran, work }) =>
        `| ${title} | ${ran.join(', ') || 'nothing'} | ${ran.length} | ${work.toFixed(1)} s |`,
    ),
    `| all | | ${tasks} | ${work.toFixed(1)} s |`,
    `| all, running everything each time | | ${everythingOf(played, ({ ran }) => ran.length)} | ${everythingOf(played, (each) => each.work).toFixed(1)} s |`,
  ].join('\n');
}
