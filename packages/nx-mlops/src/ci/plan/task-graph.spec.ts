import { tasksOfGraph } from './task-graph';

const train = { executor: 'nx-mlops:train', metadata: { resourceClass: 'gpu', technologies: ['onnx'] } };
const nodes = {
  late: { type: 'lib', data: { root: 'late', targets: { train, gate: { executor: 'nx-mlops:gate' } } } },
  data: { type: 'lib', data: { root: 'data', targets: { prepare: { executor: 'nx-mlops:prepare' } } } },
  app: { type: 'app', data: { root: 'app' } },
};
const task = (project: string, target: string, cache: boolean) => ({
  id: `${project}:${target}`,
  target: { project, target },
  projectRoot: project,
  cache,
});
const tasks = {
  'late:train': task('late', 'train', true),
  'late:gate': task('late', 'gate', false),
  'data:prepare': task('data', 'prepare', true),
};

it.each([
  [
    'Nx 24',
    {
      'late:gate': [{ id: 'late:train' }],
      'late:train': [{ id: 'data:prepare' }],
      'data:prepare': [],
    },
  ],
  ['Nx 23', { 'late:gate': ['late:train'], 'late:train': ['data:prepare'], 'data:prepare': [] }],
])('reads what %s writes', (_line, dependencies) => {
  const graph = {
    graph: { nodes, dependencies: {} },
    tasks: { tasks, dependencies, continuousDependencies: {}, roots: ['data:prepare'] },
    taskPlans: {},
  };
  expect([...tasksOfGraph(graph).values()]).toEqual([
    {
      id: 'data:prepare',
      project: 'data',
      target: 'prepare',
      executor: 'nx-mlops:prepare',
      isCached: true,
      dependsOn: [],
    },
    {
      id: 'late:gate',
      project: 'late',
      target: 'gate',
      executor: 'nx-mlops:gate',
      isCached: false,
      dependsOn: ['late:train'],
    },
    {
      id: 'late:train',
      project: 'late',
      target: 'train',
      executor: 'nx-mlops:train',
      isCached: true,
      resourceClass: 'gpu',
      dependsOn: ['data:prepare'],
    },
  ]);
});

it('passes over a resource class that is no text', () => {
  const odd = { late: { data: { targets: { train: { metadata: { resourceClass: 3 } } } } } };
  const graph = {
    graph: { nodes: odd },
    tasks: { tasks: { 'late:train': tasks['late:train'] }, dependencies: {} },
  };
  expect(tasksOfGraph(graph).get('late:train')).not.toHaveProperty('resourceClass');
});
