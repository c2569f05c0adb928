import { dirname } from 'node:path';
import type { Workspace, nxLines } from '../../tools/workspace/create-workspace.mjs';
import { mustRun } from '../../tools/workspace/run.mjs';
import { taskOutcomes, workspaceFor, type TaskOutcomes } from '../support';
import { edits, type Edit } from './edits';
import { fillWorkspace, flightsData } from './workspace-files';

/** Each edit that can change a result makes its tasks run, and each that cannot makes none run. */
const line = (process.env['NX_MLOPS_LINE'] ?? '24.0') as keyof typeof nxLines;
const everything = ['run-many', '-t', 'validate', 'evaluate'];

let workspace: Workspace;
beforeAll(async () => {
  workspace = await workspaceFor(`cache key ${line}`, { line });
  await workspace.mustNx(['g', 'nx-mlops:init']);
  await fillWorkspace(workspace);
  await workspace.mustNx(everything);
});
afterAll(() => workspace.stop());

function ran(outcomes: TaskOutcomes): string[] {
  return Object.keys(outcomes)
    .filter((task) => outcomes[task] === 'ran')
    .sort();
}

async function undo(): Promise<void> {
  await workspace.git('checkout', '-q', '--', '.');
  await workspace.git('clean', '-fdq');
  // Git knows neither the data nor a .venv.
  await workspace.write('ml/flights/data/flights.csv', flightsData);
  await mustRun('rm', ['-rf', workspace.path('ml/night/.venv')]);
}

describe(`on nx ${line}`, () => {
  it('nothing runs a second time', async () => {
    const outcomes = taskOutcomes((await workspace.mustNx(everything)).output);
    expect(Object.keys(outcomes).sort()).toEqual([
      'delays:prepare',
      'delays:validate',
      'flights:prepare',
      'flights:validate',
      'late:evaluate',
      'late:train',
      'night:evaluate',
      'night:train',
      'rain:evaluate',
      'rain:train',
      'weather:prepare',
      'weather:validate',
    ]);
    expect(ran(outcomes)).toEqual([]);
  });

  describe('what runs after an edit of', () => {
    afterEach(undo);

    it.each(
      edits.map((edit): [string, string, Edit] => [edit.title, edit.runs.join(', ') || 'nothing', edit]),
    )('%s: %s', async (_title, _runs, { change, runs }) => {
      await change(workspace);
      const { output } = await workspace.mustNx(everything);
      expect(ran(taskOutcomes(output))).toEqual([...runs].sort());
    });
  });

  it('another major of Node runs the scripts in JavaScript anew, and nothing else', async () => {
    const { output: node22 } = await mustRun('npx', [
      '-y',
      '-p',
      'node@22',
      'node',
      '-p',
      'process.execPath',
    ]);
    const PATH = `${dirname(node22.trim().split('\n').at(-1) ?? '')}:${process.env['PATH']}`;
    const { output } = await workspace.mustNx(everything, { env: { PATH } });
    expect(ran(taskOutcomes(output))).toEqual([
      'delays:prepare',
      'late:train',
      'rain:evaluate',
      'rain:train',
    ]);
  });

  it('what was trained on the way is still there: undoing the edits runs nothing', async () => {
    expect(ran(taskOutcomes((await workspace.mustNx(everything)).output))).toEqual([]);
  });

  describe('nx affected', () => {
    afterEach(undo);

    it.each([
      ['train', "one dataset's lock", 'ml/flights/dataset.lock.json', ['late:train', 'night:train']],
      ['train', "the other dataset's lock", 'ml/weather/dataset.lock.json', ['rain:train']],
      ['train', 'an imported library', 'libs/encode/src/scale.ts', ['late:train']],
      ['evaluate', "a training's code", 'ml/rain/train.mjs', ['rain:evaluate']],
      ['deploy', "a training's code", 'ml/rain/train.mjs', ['rain:deploy']],
      // 23.3 selects whole projects, so there a README reaches its own.
      ...(line === '23.3'
        ? []
        : ([
            ['train', "a model's README", 'ml/late/README.md', []],
            ['deploy', "a library's README", 'libs/encode/README.md', []],
          ] as [string, string, string, string[]][])),
    ])('-t %s after a change of %s', async (target, _title, file, expected) => {
      await workspace.edit(file, (text) => `${text}\n`);
      await workspace.mustNx(['affected', '-t', target, '--base=HEAD', '--graph=affected.json']);
      const { tasks } = (await workspace.readJson('affected.json')) as { tasks: { tasks: object } };
      expect(
        Object.keys(tasks.tasks)
          .filter((task) => task.endsWith(`:${target}`))
          .sort(),
      ).toEqual(expected);
    });
  });
});
