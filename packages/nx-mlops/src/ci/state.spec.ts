import fc from 'fast-check';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import tmp from 'tmp';
import type { NxRun } from '../reporting/workspace/run-information';
import { ciFolder } from './ci-folder';
import { emptyState, parseState, readState, withDurations, writeState } from './state';

tmp.setGracefulCleanup();

/** A run of `late:train` that ended `minute` minutes past nine and took so many seconds. */
function runOf(minute: number, seconds: number, more: Partial<NxRun['tasks'][number]> = {}): NxRun {
  const end = Date.UTC(2026, 10, 29, 9, minute);
  const startTime = new Date(end - seconds * 1000).toISOString();
  const endTime = new Date(end).toISOString();
  const task = {
    taskId: 'late:train',
    target: 'train',
    projectName: 'late',
    cacheStatus: 'cache-miss',
    status: 0,
  };
  return { run: { command: 'nx', startTime, endTime }, tasks: [{ ...task, startTime, endTime, ...more }] };
}

function temporaryWorkspace(): string {
  const root = join(tmp.dirSync({ unsafeCleanup: true }).name, 'a workspace');
  mkdirSync(root);
  return root;
}

describe('withDurations', () => {
  it('is the mean of the first runs, then counts new ones more', () => {
    let state = withDurations(emptyState, runOf(1, 10));
    expect(state.durations).toEqual({ 'late:train': { seconds: 10, runs: 1, last: expect.any(String) } });
    state = withDurations(state, runOf(2, 20));
    expect(state.durations['late:train']).toMatchObject({ seconds: 15, runs: 2 });
    state = withDurations(state, runOf(3, 30));
    expect(state.durations['late:train']).toMatchObject({ seconds: 20, runs: 3 });
    // 0.7 · 20 + 0.3 · 120
    state = withDurations(state, runOf(4, 120));
    expect(state.durations['late:train']).toMatchObject({ seconds: 50, runs: 4 });
  });

  it('counts a run once', () => {
    const state = withDurations(withDurations(emptyState, runOf(1, 10)), runOf(2, 20));
    expect(withDurations(state, runOf(2, 20))).toEqual(state);
    expect(withDurations(state, runOf(1, 10))).toEqual(state);
  });

  it.each([
    ['from a cache', { cacheStatus: 'remote-cache-hit' }],
    ['failed', { status: 1 }],
    ['without a time', { startTime: undefined }],
  ])('does not count a task %s', (_what, more) => {
    expect(withDurations(emptyState, runOf(1, 10, more))).toEqual(emptyState);
  });

  it('stays between the shortest and the longest run', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3600 }), { minLength: 1, maxLength: 30 }), (times) => {
        const state = times.reduce(
          (before, seconds, at) => withDurations(before, runOf(at, seconds)),
          emptyState,
        );
        const { seconds = -1 } = state.durations['late:train'] ?? {};
        return seconds >= Math.min(...times) - 0.01 && seconds <= Math.max(...times) + 0.01;
      }),
    );
  });
});

describe('the file', () => {
  it('holds what was written, in one order', async () => {
    const root = temporaryWorkspace();
    const state = withDurations(
      { ...emptyState, green: { main: 'a'.repeat(40), dev: 'b'.repeat(40) } },
      runOf(1, 2),
    );
    await writeState(root, state);
    expect(await readState(root, fail)).toEqual(state);
    const text = readFileSync(join(root, ciFolder.state), 'utf8');
    await writeState(root, { ...state, green: { dev: 'b'.repeat(40), main: 'a'.repeat(40) } });
    expect(readFileSync(join(root, ciFolder.state), 'utf8')).toBe(text);
  });

  it('that is not there is an empty state, without a word', async () => {
    expect(await readState(temporaryWorkspace(), fail)).toEqual(emptyState);
  });

  it.each([
    ['is cut off', '{"version":1,'],
    ['is of a later version', '{"version":2,"durations":{},"green":{}}'],
    ['has another form', '{"version":1,"durations":{"a":{"seconds":-1,"runs":1}},"green":{}}'],
    ['names no commit', '{"version":1,"durations":{},"green":{"main":"HEAD --output=x"}}'],
  ])('that %s is taken for absent, with a line', async (_what, text) => {
    const root = temporaryWorkspace();
    mkdirSync(dirname(join(root, ciFolder.state)), { recursive: true });
    writeFileSync(join(root, ciFolder.state), text);
    const printed: string[] = [];
    expect(await readState(root, (line) => printed.push(line))).toEqual(emptyState);
    expect(printed).toHaveLength(1);
  });

  it('never makes it throw', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => parseState(text) === undefined));
  });
});

function fail(line: string): never {
  throw new Error(line);
}
