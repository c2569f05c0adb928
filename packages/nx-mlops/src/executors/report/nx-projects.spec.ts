import { MlopsError } from '@nx-mlops/core';
import { workspaceWithNx } from '../../processes/nx-workspace.fixture';
import { workspaceNx } from '../../processes/workspace-nx';
import { projectsOfGraph, readProjects, selectModels } from './nx-projects';

const graph = {
  graph: {
    nodes: {
      late: {
        name: 'late',
        type: 'lib',
        data: {
          root: 'ml/late',
          targets: { judge: { executor: 'nx-mlops:gate' }, train: { executor: 'nx-mlops:train' }, test: {} },
        },
      },
      churn: {
        name: 'churn',
        type: 'lib',
        data: { root: 'ml/churn', targets: { gate: { executor: 'nx-mlops:gate' } } },
      },
      flights: {
        name: 'flights',
        type: 'lib',
        data: { root: 'data/flights', targets: { prepare: { executor: 'nx-mlops:prepare' } } },
      },
      app: {
        name: 'app',
        type: 'app',
        data: { root: 'apps/app', targets: { gate: { executor: 'nx:run-commands' } } },
      },
    },
    dependencies: {
      late: [
        { source: 'late', target: 'flights', type: 'static' },
        { source: 'late', target: 'npm:zod', type: 'static' },
      ],
    },
  },
};
const projects = projectsOfGraph(graph);
const noNx = () => Promise.reject(new Error('nx was asked'));

describe('projectsOfGraph', () => {
  it('knows targets by what they do, and dependencies that are projects', () => {
    expect(projects.get('late')).toEqual({
      name: 'late',
      root: 'ml/late',
      targets: { gate: 'judge', train: 'train' },
      dependencies: ['flights'],
    });
    expect(projects.get('app')?.targets).toEqual({});
  });
});

describe('selectModels', () => {
  it('asks Nx for the affected ones, by the names that the gates have here', async () => {
    const asked: (readonly string[])[] = [];
    const runNx = (args: readonly string[]) => {
      asked.push(args);
      return Promise.resolve('NX  some notice\n["app","late","flights"]\n');
    };
    expect(await selectModels(projects, { kind: 'affected', base: 'main', head: 'HEAD' }, runNx)).toEqual([
      'late',
    ]);
    expect(asked).toEqual([
      [
        'show',
        'projects',
        '--affected',
        '--with-target=judge',
        '--with-target=gate',
        '--json',
        '--base=main',
        '--head=HEAD',
      ],
    ]);
  });

  it('says what Nx said when that is no list', async () => {
    const answer = selectModels(projects, { kind: 'affected' }, () => Promise.resolve('Oops'));
    await expect(answer).rejects.toMatchObject({
      code: 'MLOPS_NX_FAILED',
      message: expect.stringContaining('Oops'),
    });
  });

  it('takes all models, or those that are named, without asking', async () => {
    expect(await selectModels(projects, { kind: 'all' }, noNx)).toEqual(['churn', 'late']);
    expect(
      await selectModels(projects, { kind: 'projects', names: ['late', 'churn', 'late'] }, noNx),
    ).toEqual(['churn', 'late']);
  });

  it.each([
    ['lat', 'There is no project "lat". Did you mean "late"?'],
    ['app', '"app" is no model: it has no gate.'],
  ])('refuses %s', async (name, message) => {
    const answer = selectModels(projects, { kind: 'projects', names: [name] }, noNx);
    await expect(answer).rejects.toThrow(MlopsError);
    await expect(answer).rejects.toMatchObject({
      code: 'MLOPS_UNKNOWN_PROJECT',
      message: expect.stringContaining(message),
    });
  });
});

it('readProjects has Nx write the graph to a file', async () => {
  const root = workspaceWithNx(
    `const file = process.argv.find((word) => word.startsWith('--file=')).slice(7);
     require('node:fs').writeFileSync(file, ${JSON.stringify(JSON.stringify(graph))});`,
  );
  expect(await readProjects(workspaceNx(root, new AbortController().signal))).toEqual(projects);
});
