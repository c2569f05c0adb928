import fc from 'fast-check';
import tmp from 'tmp';
import { MlopsError } from '../errors/mlops-error';
import type { RegistryDriver } from './driver';
import type { RegistryEvent } from './event';
import { longPlan } from './random-events.fixture';
import { registrationOf } from './registration.fixture';
import { Registry } from './registry';
import type { SharedRegistry } from './registry-driver-contract.fixture';
import { replay } from './replayed-log.fixture';
import type { RolloutPlan } from './rollout/plan';
import { trafficShareOf } from './rollout/rollout';
import { routingOf } from './rollout/routing';
import { sortedSummary, summaryOfState } from './summary-of-state.fixture';

tmp.setGracefulCleanup();

const MODEL = 'flight-delay';
const VERSIONS = 4;
const crash = new Error('the process is gone');

const plans: readonly RolloutPlan[] = [
  longPlan,
  { ...longPlan, steps: [{ kind: 'verify' }, { kind: 'weight', weight: 50, requests: 1, seconds: 0 }] },
  {
    ...longPlan,
    steps: [{ kind: 'verify' }, { kind: 'shadow', share: 10, requests: 1, seconds: 0 }],
    then: 'stop',
  },
];

/** Commands, each of one of two machines. */
const environment = fc.constantFrom('staging', 'production');
const version = fc.integer({ min: 1, max: VERSIONS });
const actor = fc.constantFrom('ada', 'bob', 'cyd');
const finding = fc.option(
  fc.record({
    kind: fc.constantFrom('verification' as const, 'analysis' as const),
    verdict: fc.constantFrom(
      'pass' as const,
      'pass' as const,
      'pass' as const,
      'fail' as const,
      'inconclusive' as const,
    ),
    summary: fc.constantFrom('so it was', 'so it was again'),
  }),
  { nil: undefined },
);
const plan = fc.option(fc.constantFrom(...plans), { nil: undefined, freq: 2 });
const name = <Name extends string>(is: Name) => fc.constant(is);
const action = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: name('deploy'), environment, version, actor, plan, isLate: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ do: name('promote'), environment, actor, plan }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: name('rollback'),
      environment,
      actor,
      to: fc.option(version, { nil: undefined, freq: 2 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: name('release'), environment, actor, version }) },
  { weight: 2, arbitrary: fc.record({ do: name('approve'), environment, actor }) },
  { weight: 8, arbitrary: fc.record({ do: name('advance'), environment, actor, finding }) },
  { weight: 1, arbitrary: fc.record({ do: name('abort'), environment, actor, quarantine: fc.boolean() }) },
);
type Action = typeof action extends fc.Arbitrary<infer Value> ? Value : never;

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: name('alone'), action }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: name('crash'),
      action,
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: name('together'), action, other: action }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

const passed = { kind: 'analysis', verdict: 'pass', summary: 'so it was' } as const;
const [slow, quick, look] = plans;

/** Steps that record each kind of event. */
const eachKindOnce: Step[] = (
  [
    { do: 'deploy', environment: 'staging', version: 1, actor: 'ada', plan: undefined, isLate: false },
    { do: 'deploy', environment: 'staging', version: 2, actor: 'ada', plan: undefined, isLate: true },
    { do: 'rollback', environment: 'staging', actor: 'bob', to: undefined },
    { do: 'release', environment: 'staging', actor: 'bob', version: 2 },
    { do: 'promote', environment: 'production', actor: 'ada', plan: undefined },
    { do: 'deploy', environment: 'production', version: 2, actor: 'ada', plan: quick, isLate: false },
    { do: 'advance', environment: 'production', actor: 'ada', finding: passed },
    {
      do: 'advance',
      environment: 'production',
      actor: 'ada',
      finding: { ...passed, verdict: 'inconclusive' },
    },
    { do: 'advance', environment: 'production', actor: 'ada', finding: passed },
    { do: 'deploy', environment: 'production', version: 3, actor: 'ada', plan: look, isLate: false },
    { do: 'advance', environment: 'production', actor: 'ada', finding: passed },
    { do: 'advance', environment: 'production', actor: 'ada', finding: passed },
    { do: 'deploy', environment: 'production', version: 4, actor: 'ada', plan: slow, isLate: false },
    { do: 'approve', environment: 'production', actor: 'bob' },
    { do: 'advance', environment: 'production', actor: 'ada', finding: undefined },
    { do: 'abort', environment: 'production', actor: 'ada', quarantine: true },
  ] satisfies Action[]
).map((each) => ({ kind: 'alone', action: each }));

/** What is said to have been recorded, and a driver that dies at an append when it is told to. */
function mortal(driver: RegistryDriver, acknowledged: string[]) {
  const fate: { dies?: 'before' | 'after' } = {};
  const wrapped: RegistryDriver = {
    description: driver.description,
    listModels: () => driver.listModels(),
    putBlob: (file) => driver.putBlob(file),
    getBlob: (blob) => driver.getBlob(blob),
    listBlobs: () => driver.listBlobs(),
    removeBlobs: (digests, before) => driver.removeBlobs(digests, before),
    createVersion: (...args) => driver.createVersion(...args),
    readVersion: (...args) => driver.readVersion(...args),
    readEvents: (...args) => driver.readEvents(...args),
    readSnapshot: (model) => driver.readSnapshot(model),
    writeSnapshot: (...args) => driver.writeSnapshot(...args),
    mirror: async (model) => driver.mirror?.(model),
    appendEvent: async (model, event) => {
      if (fate.dies === 'before') throw crash;
      await driver.appendEvent(model, event);
      if (fate.dies === 'after') throw crash;
      acknowledged.push(event.hash);
    },
  };
  return { driver: wrapped, fate };
}

async function perform(registry: Registry, each: Action, seenLate: number): Promise<void> {
  const of = { model: MODEL, environment: each.environment, actor: each.actor };
  switch (each.do) {
    case 'deploy':
      await registry.deploy({
        ...of,
        version: each.version,
        plan: each.plan,
        ...(each.isLate ? { seen: seenLate } : {}),
      });
      return;
    case 'promote': {
      const from = each.environment === 'staging' ? 'production' : 'staging';
      await registry.promote({ ...of, from, plan: each.plan });
      return;
    }
    case 'rollback':
      await registry.rollback({ ...of, reason: 'bad', to: each.to });
      return;
    case 'release': {
      const digest = (await registry.state(MODEL)).versions.get(each.version) as string;
      await registry.release({ ...of, reason: 'fine', digest });
      return;
    }
    case 'approve':
      await registry.approve(of);
      return;
    case 'advance': {
      const rollout = (await registry.state(MODEL)).active.get(each.environment);
      if (rollout === undefined) return;
      await registry.advance({
        ...of,
        of: { rollout: rollout.id, step: rollout.step },
        finding: each.finding,
      });
      return;
    }
    case 'abort':
      await registry.abort({ ...of, quarantine: each.quarantine });
  }
}

/** A command may be refused for a reason that a person can read, and for nothing else. */
async function outcome(work: Promise<void>): Promise<'done' | 'refused' | 'crashed'> {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (error === crash) return 'crashed';
    expect(error).toBeInstanceOf(MlopsError);
    expect((error as MlopsError).code).not.toBe('MLOPS_REGISTRY_CONFLICT');
    return 'refused';
  }
}

/**
 * Random commands on a registry, by two machines that may work at once and whose processes may die at a write, as a Jest
 * case: whatever they did, its history is whole and says what was acknowledged.
 *
 * @param make gives an empty registry
 */
export function describeRegistryModel(
  title: string,
  make: () => Promise<SharedRegistry>,
  { runs, maxSteps }: { readonly runs: number; readonly maxSteps: number },
): void {
  describe(title, () => {
    it('holds what it promises after any commands, crashes and writers at once', async () => {
      const kinds = new Set<string>();
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 3, maxLength: maxSteps, size: 'max' }),
          async (steps) => {
            const shared = await make();
            const acknowledged: string[] = [];
            let minutes = 0;
            const now = () => new Date(Date.UTC(2026, 10, 1, 12, minutes++));
            const machines = [0, 1].map(() => mortal(shared.open(), acknowledged));
            const [here, there] = machines.map(({ driver }) => new Registry(driver, { now })) as [
              Registry,
              Registry,
            ];
            const folder = tmp.dirSync({ unsafeCleanup: true }).name;
            for (let number = 1; number <= VERSIONS; number++) {
              await here.registerVersion(registrationOf(folder, `weights ${number}`, MODEL));
            }
            let known = await here.events(MODEL);
            for (const each of steps) {
              const seenLate = known.length;
              await takeStep(each, seenLate);
              known = await check(shared, [here, there], known, acknowledged, each);
            }
            for (const { type } of known) kinds.add(type);

            async function takeStep(each: Step, seen: number): Promise<void> {
              const fate = machines[0]?.fate as { dies?: 'before' | 'after' };
              switch (each.kind) {
                case 'alone':
                  expect(await outcome(perform(here, each.action, seen))).not.toBe('crashed');
                  return;
                case 'crash':
                  fate.dies = each.when;
                  await outcome(perform(here, each.action, seen));
                  delete fate.dies;
                  return;
                case 'together':
                  await Promise.all([
                    outcome(perform(here, each.action, seen)),
                    outcome(perform(there, each.other, seen)),
                  ]);
              }
            }
          },
        ),
        { numRuns: runs, examples: [[eachKindOnce]] },
      );
      // Else the commands are not those that this test is about.
      for (const type of [
        'deployed',
        'promoted',
        'rolled-back',
        'released',
        'rollout-approved',
        'rollout-held',
      ]) {
        expect(kinds).toContain(type);
      }
      for (const end of ['completed', 'observed', 'aborted']) expect(kinds).toContain(`rollout-${end}`);
    }, 600_000);
  });
}

/** @returns the events now */
async function check(
  shared: SharedRegistry,
  [here, there]: readonly [Registry, Registry],
  before: readonly RegistryEvent[],
  acknowledged: readonly string[],
  each: Step,
): Promise<readonly RegistryEvent[]> {
  const stranger = new Registry(shared.open());
  const events = await stranger.events(MODEL);
  expect(events.slice(0, before.length)).toEqual(before);
  expect(events.length - before.length).toBeLessThanOrEqual(each.kind === 'together' ? 2 : 1);
  const hashes = events.map(({ hash }) => hash);
  expect(acknowledged.filter((hash) => !hashes.includes(hash))).toEqual([]);
  expect(new Set(hashes).size).toBe(hashes.length);

  const environments = replay(events);
  const state = await stranger.state(MODEL);
  for (const [name, { serving, active, blocked }] of environments) {
    const deployment = state.deployments.get(name);
    expect(deployment?.digest).toBe(serving);
    expect(state.active.get(name)?.id).toBe(active);
    expect(new Set(state.blocked.get(name))).toEqual(blocked);
    if (deployment !== undefined) {
      expect(blocked).not.toContain(deployment.digest);
      const record = await stranger.readVersion(MODEL, deployment.version);
      expect([record.digest, record.gates.passed]).toEqual([deployment.digest, true]);
    }
    const routing = routingOf(state, name);
    expect(routing?.stable?.digest).toBe(serving);
    expect(routing?.candidate?.rollout).toBe(active);
    expect(blocked).not.toContain(routing?.candidate?.digest);
  }
  for (const rollout of state.rollouts.values()) {
    if (rollout.end !== undefined) expect(trafficShareOf(rollout)).toEqual({ weight: 0, shadow: 0 });
  }
  for (const registry of [here, there, stranger]) {
    expect(sortedSummary(await registry.summary(MODEL))).toEqual(summaryOfState(state));
  }
  return events;
}
