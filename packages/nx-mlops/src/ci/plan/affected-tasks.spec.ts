import { writeFileSync } from 'node:fs';
import { MlopsError } from '@nx-mlops/core';
import type { RunNx } from '../../processes/workspace-nx';
import { affectedTasks } from './affected-tasks';

const range = { base: 'a1', head: 'b2' };

const edges: Readonly<Record<string, readonly string[]>> = {
  'late:gate': ['late:train'],
  'late:train': ['data:validate'],
  'data:validate': ['data:prepare'],
  'data:prepare': [],
};
const graph = {
  graph: { nodes: {} },
  tasks: {
    tasks: Object.fromEntries(
      Object.keys(edges).map((id) => {
        const [project, target] = id.split(':');
        return [id, { target: { project, target }, cache: target !== 'gate' }];
      }),
    ),
    dependencies: edges,
  },
};

/** Answers as nx does, and keeps what it was asked. */
function nx({ explanation, projects = [] }: { explanation?: object; projects?: string[] }) {
  const asked: string[] = [];
  const runNx: RunNx = (args) => {
    asked.push(args.join(' '));
    const file = (option: string) =>
      args.find((arg) => arg.startsWith(`--${option}=`))?.slice(option.length + 3);
    const graphFile = file('graph');
    if (graphFile !== undefined) writeFileSync(graphFile, JSON.stringify(graph));
    const explained = file('explain');
    if (explained !== undefined) {
      if (explanation === undefined) {
        return Promise.reject(new MlopsError('MLOPS_NX_FAILED', '--explain needs NX_LEGACY_AFFECTED=false.'));
      }
      writeFileSync(explained, JSON.stringify(explanation));
    }
    return Promise.resolve(args.includes('--json') ? `a line\n${JSON.stringify(projects)}\n` : '');
  };
  return { runNx, asked };
}

const ids = (tasks: Iterable<{ readonly id: string }>) => [...tasks].map(({ id }) => id);

it('goes by the tasks that Nx says a change reaches; dependencies that it does not reach are cache hits', async () => {
  const { runNx, asked } = nx({
    explanation: { affected: { 'late:gate': [] }, upstream: { 'late:train': [{ kind: 'input-file' }] } },
  });
  const { tasks, requested, isExpected } = await affectedTasks(['gate', 'validate'], range, runNx);
  expect([...requested]).toEqual(['late:gate']);
  expect(ids([...tasks.values()].filter(isExpected))).toEqual(['late:gate', 'late:train']);
  expect(asked[0]).toMatch(/^affected --targets=gate,validate --base=a1 --head=b2 --graph=\S.*\.json$/);
  // Never `nx affected --explain`, which an Nx that does not know it would take for an option of the tasks.
  expect(asked[1]).toMatch(
    /^show projects --affected --with-target=gate --with-target=validate --base=a1 --head=b2 --explain=/,
  );
  expect(asked).toHaveLength(2);
});

it.each([
  [['late'], ['late:gate'], ['late:gate', 'late:train']],
  [
    ['late', 'data'],
    ['data:validate', 'late:gate'],
    ['data:prepare', 'data:validate', 'late:gate', 'late:train'],
  ],
])('goes by projects %j where Nx selects those', async (projects, wanted, expected) => {
  const { runNx } = nx({ projects });
  const { tasks, requested, isExpected } = await affectedTasks(['gate', 'validate'], range, runNx);
  expect([...requested]).toEqual(wanted);
  expect(ids([...tasks.values()].filter(isExpected))).toEqual(expected);
});
