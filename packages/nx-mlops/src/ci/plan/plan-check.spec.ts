import * as fc from 'fast-check';
import { planSchema } from '../plan-file';
import { byTask, type AffectedTasks } from './affected-tasks';
import { describePlan, githubOutputs } from './describe-plan';
import { estimateFrom } from './estimate';
import { placedProjects } from './placed-projects';
import { planOf, type CiAgents } from './plan-check';
import type { GraphTask } from './task-graph';

interface Model {
  readonly name: string;
  readonly dataset?: string;
  readonly resourceClass?: string;
  /** Whether it would train. */
  readonly trains?: boolean;
}

/** Models whose gates are asked for, each with a training, some of a dataset that is not affected itself. */
function affected(models: readonly Model[]): AffectedTasks {
  const tasks = models.flatMap(({ name, dataset, resourceClass }): GraphTask[] => [
    {
      id: `${name}:train`,
      project: name,
      target: 'train',
      isCached: true,
      ...(resourceClass === undefined ? {} : { resourceClass }),
      dependsOn: dataset === undefined ? [] : [`${dataset}:prepare`],
    },
    {
      id: `${name}:gate`,
      project: name,
      target: 'gate',
      isCached: false,
      dependsOn: [`${name}:train`],
    },
    ...(dataset === undefined
      ? []
      : [
          {
            id: `${dataset}:prepare`,
            project: dataset,
            target: 'prepare',
            isCached: true,
            dependsOn: [],
          },
        ]),
  ]);
  const names = (target: string, of: readonly Model[]) =>
    Object.fromEntries(of.map(({ name }) => [`${name}:${target}`, []]));
  return byTask(new Map(tasks.map((task) => [task.id, task])), {
    affected: names('gate', models),
    upstream: names(
      'train',
      models.filter(({ trains = true }) => trains),
    ),
  });
}

const estimate = estimateFrom(new Map());

function planned(models: readonly Model[], agents: CiAgents) {
  const warnings: string[] = [];
  const projects = placedProjects(affected(models), estimate, Object.keys(agents.classes), (line) =>
    warnings.push(line),
  );
  const range = { base: 'a1', head: 'b2' };
  return { plan: planOf(projects, { range, all: false, targets: ['gate'], agents }), warnings, projects };
}

const some = fc.uniqueArray(
  fc.record(
    {
      name: fc.stringMatching(/^[a-z]{1,4}$/),
      dataset: fc.constantFrom('d-1', 'd-2'),
      resourceClass: fc.constantFrom('gpu', 'big', 'default'),
      trains: fc.boolean(),
    },
    { requiredKeys: ['name', 'trains'] },
  ),
  { selector: ({ name }) => name, maxLength: 12 },
);

it('every affected project is on one shard, which is of its class', () => {
  fc.assert(
    fc.property(some, fc.integer({ min: 1, max: 4 }), (models, agents) => {
      const { plan } = planned(models, { agents, classes: { gpu: { agents: 2 } } });
      expect(planSchema.parse(plan)).toEqual(plan);
      expect(plan.shards.flatMap(({ projects }) => projects).sort()).toEqual(
        models.map(({ name }) => name).sort(),
      );
      for (const { class: of, projects } of plan.shards) {
        for (const name of projects) {
          const { resourceClass, trains } = models.find((model) => model.name === name) as Model;
          expect(of).toBe(resourceClass === 'gpu' && trains === true ? 'gpu' : 'default');
        }
      }
    }),
  );
});

it('names shards by their class, idle ones too', () => {
  const models = [{ name: 'a' }, { name: 'b', resourceClass: 'gpu' }];
  const { plan } = planned(models, { agents: 2, classes: { gpu: { agents: 1 }, big: { agents: 1 } } });
  expect(plan.shards.map(({ name, projects }) => [name, projects])).toEqual([
    ['1', ['a']],
    ['2', []],
    ['gpu-1', ['b']],
    ['big-1', []],
  ]);
  expect(githubOutputs(plan)).toBe(
    'matrix={"include":[{"shard":"1","class":"default"},{"shard":"gpu-1","class":"gpu"}]}\nany=true\n',
  );
  expect(describePlan(plan).join('\n')).toMatch(
    /^shard +class +expected +projects\n.*\n1 +default +30 s +a\n2 +default +–\n[^]*done after 30 s/,
  );
});

it('costs nothing for what comes from the cache', () => {
  const { projects } = planned([{ name: 'a', dataset: 'd-1' }], { agents: 1, classes: {} });
  expect([...(projects[0]?.tasks.keys() ?? [])]).toEqual(['a:gate', 'a:train']);
});

it('says which classes nobody has', () => {
  const models = ['a', 'b'].map((name) => ({ name, resourceClass: 'gpus' }));
  const { plan, warnings } = planned(models, { agents: 1, classes: { gpu: { agents: 1 } } });
  expect(plan.shards[0]?.projects).toEqual(['a', 'b']);
  expect(warnings).toEqual([expect.stringMatching(/no resource class "gpus".*so a, b may.*"gpu"/)]);
});

it('nothing affected is no work', () => {
  const { plan } = planned([], { agents: 2, classes: {} });
  expect(plan).toMatchObject({ makespan: 0, lowerBound: 0 });
  expect(describePlan(plan)).toEqual(['Nothing is affected that has a target of gate.']);
  expect(githubOutputs(plan)).toBe('matrix={"include":[]}\nany=false\n');
});
