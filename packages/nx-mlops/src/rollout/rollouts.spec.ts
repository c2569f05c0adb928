import { join } from 'node:path';
import {
  MlopsError,
  mlopsConfigSchema,
  openRegistry,
  routingOf,
  type EnvironmentConfig,
  type ModelState,
  type RegistryEvent,
} from '@nx-mlops/core';
import tmp from 'tmp';
import { registered } from './registered.fixture';
import { abortRollout } from './abort';
import { advanceRollout, type AdvanceRequest } from './advance';
import { approveRollout } from './approve';
import { deployModel } from './deploy';
import { diffVersions } from './diff';
import { finishRollout } from './finish';
import { showHistory } from './history';
import { promoteModel } from './promote';
import { rollbackModel } from './rollback';
import { showStatus } from './status';
import { analysis, fakeTools, passed, type FakeTools } from './tools.fixture';
import { watchRollout } from './watch';

tmp.setGracefulCleanup();

const MODEL = 'late';
const canary = {
  type: 'canary',
  steps: [{ weight: 5 }, { weight: 50, duration: '10m' }],
  soak: '5m',
  deadline: '2h',
} as const;

interface Bench {
  readonly request: AdvanceRequest & { readonly tools: FakeTools };
  readonly printed: string[];
  readonly state: () => Promise<ModelState>;
  readonly events: () => Promise<RegistryEvent['type'][]>;
  readonly wait: (minutes: number) => void;
  /** What production serves, in words such as `1`, `1+2@5`, `2`. */
  readonly serving: () => Promise<string>;
}

/** Versions 1 to 3 are registered; 1 serves in staging and production. */
async function bench(
  production: Partial<Record<keyof EnvironmentConfig, unknown>> = { strategy: canary },
): Promise<Bench> {
  const workspaceRoot = join(tmp.dirSync({ unsafeCleanup: true }).name, 'a workspace');
  const printed: string[] = [];
  const tools = fakeTools();
  tools.time = new Date('2026-11-01T12:00:00Z');
  const mlops = mlopsConfigSchema.parse({
    environments: [{ name: 'staging' }, { name: 'production', traffic: 'file:traffic', ...production }],
  });
  const registry = openRegistry(mlops.registry, workspaceRoot, { now: () => tools.time });
  for (const content of ['one', 'two', 'three']) {
    await registry.registerVersion(registered(workspaceRoot, { model: MODEL, content }));
  }
  for (const environment of ['staging', 'production']) {
    await registry.deploy({ model: MODEL, environment, version: 1, actor: 'ann' });
  }
  const folder = join(workspaceRoot, 'ml/late');
  const state = () => registry.state(MODEL);
  return {
    request: {
      project: { workspaceRoot, name: MODEL, root: 'ml/late', folder },
      mlops,
      registry,
      actor: 'ann',
      print: (line) => printed.push(line),
      tools,
    },
    printed,
    state,
    events: async () => (await registry.events(MODEL)).slice(5).map(({ type }) => type),
    wait: (minutes) => (tools.time = new Date(tools.time.getTime() + minutes * 60_000)),
    serving: async () => {
      const routing = routingOf(await state(), 'production');
      const { stable, candidate } = routing ?? {};
      return candidate === undefined
        ? `${stable?.version}`
        : `${stable?.version}+${candidate.version}@${candidate.weight}`;
    },
  };
}

const toProduction = { environment: 'production', modelVersion: 2 };
const failsWith = (code: string) => expect.objectContaining({ code }) as Error;

it('a canary goes from step to step as traffic passes, soaks, and serves alone', async () => {
  const { request, events, serving, wait, state, printed } = await bench();
  await deployModel({ ...request, ...toProduction });
  // Verified and judged once, it waits in the step that asks for ten minutes.
  expect(await serving()).toBe('1+2@50');
  expect((await advanceRollout(request)).decision).toMatchObject({ kind: 'wait' });
  wait(10);
  await advanceRollout(request);
  expect(await serving()).toBe('1+2@100');
  wait(5);
  const { rollout } = await advanceRollout(request);
  expect(rollout.end).toMatchObject({ kind: 'completed' });
  expect(await serving()).toBe('2');
  expect(await events()).toEqual([
    'rollout-started',
    'rollout-advanced',
    'rollout-advanced',
    'rollout-advanced',
    'rollout-completed',
  ]);
  expect((await state()).deployments.get('production')).toMatchObject({ version: 2, actor: 'ann' });
  expect(request.tools.applied.at(-1)).toMatchObject({ stable: { version: 2 } });
  expect(printed.join('\n')).toMatch(/late version 2 in production: completed, it serves alone now/);
});

it('a bad version is aborted at the first step, and history shows who, what and why', async () => {
  const { request, serving, events, printed } = await bench();
  request.tools.analyses = [analysis('fail', 'errors 9.0 % against 0.2 %')];
  const started = await deployModel({ ...request, ...toProduction, reason: 'Tuesday' });
  expect(started).toMatchObject({ rollout: { end: { kind: 'aborted', cause: 'analysis' } } });
  expect(await serving()).toBe('1');
  expect(await events()).toEqual(['rollout-started', 'rollout-advanced', 'rollout-aborted']);
  await expect(deployModel({ ...request, ...toProduction })).rejects.toEqual(
    failsWith('MLOPS_DIGEST_BLOCKED'),
  );
  printed.length = 0;
  await showHistory(request);
  const history = printed.join('\n');
  expect(history).toMatch(/canary rollout started +production +2 +ann +Tuesday/);
  expect(history).toMatch(/rollout aborted \(analysis\) +production +2 +ann +errors 9\.0 % against 0\.2 %/);
  // What the verdict rests on is kept.
  const aborted = (await request.registry.events(MODEL)).at(-1);
  const evidence = aborted?.type === 'rollout-aborted' ? aborted.evidence : undefined;
  expect(JSON.parse(await request.registry.readReport(evidence?.report as never))).toEqual({ checks: [] });
});

it('too little traffic holds, is recorded once, and ends at the deadline without blame', async () => {
  const { request, serving, events, wait } = await bench();
  request.tools.analyses = [analysis('inconclusive', '12 requests of 300')];
  await deployModel({ ...request, ...toProduction });
  await advanceRollout(request);
  await advanceRollout(request);
  expect(await serving()).toBe('1+2@5');
  wait(121);
  const { rollout } = await advanceRollout(request);
  expect(rollout.end).toMatchObject({ kind: 'aborted', cause: 'deadline', quarantined: false });
  expect(await events()).toEqual(['rollout-started', 'rollout-advanced', 'rollout-held', 'rollout-aborted']);
  request.tools.analyses = [analysis('pass')];
  await deployModel({ ...request, ...toProduction });
  expect(await serving()).toBe('1+2@50');
});

it('an inconclusive step may be passed over with a reason, a failed one may not', async () => {
  const { request, serving } = await bench();
  request.tools.analyses = [analysis('inconclusive')];
  await deployModel({ ...request, ...toProduction });
  const { rollout } = await advanceRollout({ ...request, override: 'night, no traffic' });
  expect(rollout.evidence?.summary).toMatch(/passed over by ann: night, no traffic/);
  expect(await serving()).toBe('1+2@50');
  request.tools.analyses = [analysis('fail')];
  await advanceRollout({ ...request, override: 'I insist' });
  expect(await serving()).toBe('1');
});

it('what fails its verification gets no traffic', async () => {
  const { request, serving, events } = await bench();
  request.tools.verification = { ...passed, verdict: 'fail', summary: 'golden rows differ by 0.3' };
  await deployModel({ ...request, ...toProduction });
  expect(await serving()).toBe('1');
  expect(await events()).toEqual(['rollout-started', 'rollout-aborted']);
});

it('what is deployed at once is verified before, and nothing is recorded when that fails', async () => {
  const { request, serving, events } = await bench({});
  request.tools.verification = { ...passed, verdict: 'fail', summary: 'no signature' };
  await expect(deployModel({ ...request, ...toProduction })).rejects.toThrow(/no signature/);
  expect(await events()).toEqual([]);
  request.tools.verification = passed;
  await deployModel({ ...request, ...toProduction });
  expect(await serving()).toBe('2');
  const last = (await request.registry.events(MODEL)).at(-1);
  expect(last).toMatchObject({ type: 'deployed', evidence: passed });
});

it('traffic waits until the target has loaded the version', async () => {
  const { request, serving } = await bench();
  request.tools.ready = [1];
  await deployModel({ ...request, ...toProduction });
  expect(await serving()).toBe('1+2@0');
  request.tools.ready = [1, 2];
  await advanceRollout(request);
  expect(await serving()).toBe('1+2@5');
});

it('approvals are awaited, not from who asked, and not twice from one', async () => {
  const { request, serving, events } = await bench({ approvals: { count: 2, by: ['ann', 'bob', 'cy'] } });
  await deployModel({ ...request, ...toProduction });
  expect(await serving()).toBe('1+2@0');
  const by = (actor: string) => approveRollout({ ...request, actor });
  await expect(by('ann')).rejects.toThrow(/who starts a rollout may not approve it/);
  await expect(by('eve')).rejects.toThrow(/only these may: ann, bob, cy/);
  await by('bob');
  await expect(by('bob')).rejects.toThrow(/bob has approved already/);
  expect((await advanceRollout(request)).decision).toMatchObject({ kind: 'wait' });
  await by('cy');
  for (let step = 0; step < 3; step++) await advanceRollout(request);
  expect(await serving()).toBe('2');
  await expect(by('bob')).rejects.toEqual(failsWith('MLOPS_NO_ROLLOUT'));
  expect(await events()).toContain('rollout-approved');
});

it('abort sets the weight to zero at once; the version comes back when it is released', async () => {
  const { request, serving } = await bench();
  await deployModel({ ...request, ...toProduction });
  await abortRollout({ ...request, reason: 'phones ring' });
  expect(await serving()).toBe('1');
  await expect(deployModel({ ...request, ...toProduction })).rejects.toThrow(
    /aborted.*phones ring.*--release/,
  );
  await deployModel({ ...request, ...toProduction, release: 'wrong number' });
  expect(await serving()).toBe('1+2@50');
  await abortRollout({ ...request, quarantine: false });
  await deployModel({ ...request, ...toProduction });
  expect(await serving()).toBe('1+2@50');
});

it('rollback amid a rollout aborts it; after it, goes back a version', async () => {
  const { request, serving, wait } = await bench();
  await deployModel({ ...request, ...toProduction });
  expect(await rollbackModel(request)).toMatchObject({ kind: 'abort', from: { version: 2 } });
  expect(await serving()).toBe('1');
  await deployModel({ ...request, environment: 'production', modelVersion: 3 });
  for (const minutes of [10, 5]) {
    wait(minutes);
    await advanceRollout(request);
  }
  expect(await serving()).toBe('3');
  expect(await rollbackModel(request)).toMatchObject({ kind: 'rollback', target: { version: 1 } });
  expect(await serving()).toBe('1');
});

it('a newer rollout supersedes the one under way', async () => {
  const { request, serving, state } = await bench();
  await deployModel({ ...request, ...toProduction });
  await deployModel({ ...request, environment: 'production', modelVersion: 3 });
  expect(await serving()).toBe('1+3@50');
  const [first, second] = [...(await state()).rollouts.values()];
  expect(first?.end).toMatchObject({ kind: 'superseded', by: second?.id });
});

it('a command that crashed after its event is run again, and the target is told what is recorded', async () => {
  const { request, serving, wait } = await bench();
  await deployModel({ ...request, ...toProduction });
  wait(10);
  const before = request.tools.applied.length;
  // The first call tells the target what is recorded already; the second, what has just been.
  await advanceRollout({
    ...request,
    registry: Object.assign(Object.create(request.registry) as typeof request.registry, {
      advance: async (...args: Parameters<typeof request.registry.advance>) => {
        await request.registry.advance(...args);
        throw new Error('killed');
      },
    }),
  }).catch((error: unknown) => expect((error as Error).message).toBe('killed'));
  expect(await serving()).toBe('1+2@100');
  expect(request.tools.applied.at(-1)).toMatchObject({ candidate: { weight: 50 } });
  await advanceRollout(request);
  expect(request.tools.applied.length).toBeGreaterThan(before);
  expect(request.tools.applied.at(-1)).toMatchObject({ candidate: { weight: 100 } });
});

it('two who watch at once take each step once', async () => {
  const { request, serving, events, wait } = await bench();
  await deployModel({ ...request, ...toProduction });
  const { signal } = new AbortController();
  const clock = setInterval(() => wait(1), 5);
  const watch = () => watchRollout({ ...request, interval: 0.005, signal });
  const ends = await Promise.all([watch(), watch()]);
  clearInterval(clock);
  expect(ends.map(({ end }) => end?.kind)).toEqual(['completed', 'completed']);
  expect(await serving()).toBe('2');
  expect(await events()).toHaveLength(5);
});

it('watching may be stopped; the rollout stays where it is', async () => {
  const { request, serving } = await bench();
  await deployModel({ ...request, ...toProduction });
  const controller = new AbortController();
  const watched = watchRollout({ ...request, interval: 60, signal: controller.signal });
  setTimeout(() => controller.abort(new Error('Ctrl-C')), 30);
  await expect(watched).rejects.toThrow('Ctrl-C');
  expect(await serving()).toBe('1+2@50');
});

it('watching outlives a registry or a feed that is away for a moment', async () => {
  const { request, printed, wait } = await bench();
  await deployModel({ ...request, ...toProduction });
  wait(10);
  let looks = 0;
  const { analyse } = request.tools;
  request.tools.analyse = (...args) => {
    looks++;
    return looks === 2
      ? Promise.reject(new MlopsError('MLOPS_TRAFFIC_UNREADABLE', 'the share is not mounted.'))
      : analyse(...args);
  };
  const clock = setInterval(() => wait(1), 5);
  const rollout = await watchRollout({ ...request, interval: 0.005, signal: new AbortController().signal });
  clearInterval(clock);
  expect(rollout.end?.kind).toBe('completed');
  expect(printed.join('\n')).toMatch(/the share is not mounted\. Trying again/);
});

it('a rollback refuses a version that is not whole, unless it is forced; a machine that cannot tell goes on', async () => {
  const { request, serving, printed } = await bench({});
  await deployModel({ ...request, ...toProduction });
  request.tools.verification = { ...passed, verdict: 'fail', summary: 'model.onnx is damaged' };
  await expect(rollbackModel(request)).rejects.toThrow(/model\.onnx is damaged.*--to.*--force/);
  expect(await serving()).toBe('2');
  await rollbackModel({ ...request, force: true });
  expect(await serving()).toBe('1');

  await deployModel({ ...request, environment: 'production', modelVersion: 3, tools: fakeTools() });
  const unable = { ...fakeTools(), verify: () => Promise.reject(new Error('no ONNX Runtime here')) };
  await rollbackModel({ ...request, tools: unable });
  expect(await serving()).toBe('1');
  expect(printed.join('\n')).toMatch(/could not be verified here: no ONNX Runtime here/);
});

it('a promotion follows the strategy, and finishes when it is watched', async () => {
  const { request, serving, wait, events } = await bench({
    strategy: { type: 'blue-green', soak: '5m' },
    requires: ['staging'],
  });
  await expect(deployModel({ ...request, ...toProduction })).rejects.toEqual(
    failsWith('MLOPS_ENVIRONMENT_SKIPPED'),
  );
  await deployModel({ ...request, environment: 'staging', modelVersion: 2 });
  const started = await promoteModel({ ...request, to: 'production' });
  const clock = setInterval(() => wait(1), 5);
  const { isGood } = await finishRollout(started, {
    ...request,
    watch: true,
    interval: 0.005,
    signal: new AbortController().signal,
  });
  clearInterval(clock);
  expect(isGood).toBe(true);
  expect(await serving()).toBe('2');
  expect((await events()).slice(1)).toEqual(['rollout-started', 'rollout-advanced', 'rollout-completed']);
});

it('a canary whose traffic nobody counts is refused at its start', async () => {
  const { request, events } = await bench({ strategy: canary, traffic: undefined });
  await expect(deployModel({ ...request, ...toProduction })).rejects.toEqual(
    failsWith('MLOPS_NO_TRAFFIC_FEED'),
  );
  expect(await events()).toEqual([]);
});

it('an experiment that shows no difference ends without blame', async () => {
  const { request, serving } = await bench({
    strategy: { type: 'a-b', metric: 'clicked', minimumEffect: 0.02, baseline: { mean: 0.1 } },
  });
  const evidence = analysis('inconclusive', 'no difference shown');
  request.tools.analyse = () => Promise.resolve({ evidence, isOver: true });
  const started = await deployModel({ ...request, ...toProduction });
  expect(started).toMatchObject({
    rollout: { end: { kind: 'aborted', cause: 'undecided', quarantined: false } },
  });
  expect(await serving()).toBe('1');
});

it('a dry run says what would happen and records nothing', async () => {
  const { request, events, printed } = await bench();
  await deployModel({ ...request, ...toProduction, dryRun: true });
  expect(printed.join('\n')).toMatch(
    /Would make production serve late version 2 \(now: version 1\)[^]*canary in 4 steps[^]*send it 5 % of the requests/,
  );
  await rollbackModel({ ...request, environment: 'production', dryRun: true }).catch((error: unknown) =>
    expect(error).toEqual(failsWith('MLOPS_NO_ROLLBACK_TARGET')),
  );
  expect(await events()).toEqual([]);
});

it('a dry look at a rollout tells the target nothing', async () => {
  const { request, events } = await bench();
  await deployModel({ ...request, ...toProduction });
  const before = { told: request.tools.applied.length, events: await events() };
  await advanceRollout({ ...request, dryRun: true });
  expect({ told: request.tools.applied.length, events: await events() }).toEqual(before);
});

it('status shows what serves and what is on its way, diff what would change', async () => {
  const { request, printed } = await bench();
  await deployModel({ ...request, ...toProduction });
  printed.length = 0;
  const { rows } = await showStatus(request);
  expect(rows.find(({ environment }) => environment === 'production')).toMatchObject({
    model: MODEL,
    version: 1,
    rollout: { version: 2, phase: 'canary', step: 3, steps: 4, weight: 50, shadow: 0 },
  });
  expect(printed.join('\n')).toMatch(/late +production +1 .*version 2: canary, step 3 of 4, 50 %/);
  printed.length = 0;
  const diff = await diffVersions({ ...request, modelVersion: 2 });
  expect(diff).toMatchObject({ now: 1, then: 2, signature: [] });
  expect(diff.differences.map(({ what }) => what)).toContain('weights');
});
