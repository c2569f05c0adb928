import fc from 'fast-check';
import { readRunInformation, runInformation } from './run-information';

/** As Nx 24.0.6 wrote it of `nx affected -t gate`, shortened to three tasks. */
const run = {
  run: {
    command: 'nx affected -t gate --base=main',
    startTime: '2026-11-24T18:15:52.447Z',
    endTime: '2026-11-24T18:15:54.698Z',
    inner: false,
  },
  tasks: [
    ['flights:prepare', 'cache-miss', 1],
    ['late:train', 'remote-cache-hit', 0],
    ['late:evaluate', 'cache-miss', 0],
  ].map(([taskId, cacheStatus, status]) => ({
    taskId,
    target: String(taskId).split(':')[1],
    projectName: String(taskId).split(':')[0],
    hash: '13816225102144819289',
    startTime: '2026-11-24T18:15:52.477Z',
    endTime: '2026-11-24T18:15:54.668Z',
    params: '',
    cacheStatus,
    status,
  })),
};

describe('runInformation', () => {
  it('tells what each task did and how long it took', () => {
    const { duration, tasks = [] } = runInformation(run) ?? {};
    expect(duration).toBeCloseTo(2.251, 6);
    expect(tasks.map(({ project, target, outcome }) => [project, target, outcome])).toEqual([
      ['flights', 'prepare', 'failed'],
      ['late', 'train', 'cached'],
      ['late', 'evaluate', 'ran'],
    ]);
    expect(tasks[0]?.duration).toBeCloseTo(2.191, 6);
  });

  it('is undefined for anything else, and never throws', async () => {
    fc.assert(fc.property(fc.anything(), (value) => runInformation(value) === undefined));
    expect(runInformation({ ...run, tasks: [{ taskId: 'a:b' }] })).toBeUndefined();
    expect(await readRunInformation('/no/such/run.json')).toBeUndefined();
  });

  it('has no time where a task has none', () => {
    const task = { ...run.tasks[1], startTime: undefined, endTime: 'no time' };
    expect(runInformation({ ...run, tasks: [task] })?.tasks[0]?.duration).toBe(0);
  });
});
