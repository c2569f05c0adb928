import type { NewRegistryEvent, RegistryEvent } from './event';
import { refuseUnadmitted } from './admission';
import { chainEvent } from './event-log';
import { foldEvents } from './fold';

const digest = (version: number) => String(version).repeat(64);
const stamp = { at: '2026-11-01T00:00:00.000Z', actor: 'bob' };
const inStaging = (version: number): NewRegistryEvent => ({
  ...stamp,
  type: 'deployed',
  environment: 'staging',
  version,
  digest: digest(version),
});
const backTo = (version: number, blocked: number): NewRegistryEvent => ({
  ...stamp,
  type: 'rolled-back',
  environment: 'staging',
  version,
  digest: digest(version),
  blocked: digest(blocked),
});
const pruned: NewRegistryEvent = { ...stamp, type: 'pruned', version: 2, digest: digest(2) };

function refuse(
  events: readonly NewRegistryEvent[],
  policy: Parameters<typeof refuseUnadmitted>[3] = {
    policy: { requires: ['staging'], gates: [] },
    metrics: {},
  },
): void {
  const chain = events.reduce<RegistryEvent[]>(
    (done, event) => [...done, chainEvent(done.at(-1), event)],
    [],
  );
  refuseUnadmitted(foldEvents('churn', chain), 'production', { version: 2, digest: digest(2) }, policy);
}

it.each([
  ['served where it had to', [inStaging(2)]],
  ['served there before another', [inStaging(2), inStaging(1)]],
])('lets in what %s', (_, events) => expect(() => refuse(events)).not.toThrow());

it.each([
  ['skipped an environment', [inStaging(1)], 'MLOPS_ENVIRONMENT_SKIPPED', /has not served in "staging"/],
  [
    'was rolled back there',
    [inStaging(1), inStaging(2), backTo(1, 2)],
    'MLOPS_ENVIRONMENT_SKIPPED',
    /was rolled back in "staging"/,
  ],
  ['lost its bytes', [inStaging(2), pruned], 'MLOPS_VERSION_PRUNED', /removed by gc/],
])('refuses what %s', (_, events, code, message) => {
  expect(() => refuse(events)).toThrow(expect.objectContaining({ code }));
  expect(() => refuse(events)).toThrow(message);
});

it.each([
  [{ metric: 'auc', min: 0.7 }, { auc: 0.7 }, undefined],
  [{ metric: 'auc', min: 0.7 }, { auc: 0.69 }, /its auc is 0.69, and the environment asks for at least 0.7/],
  [{ metric: 'mae', max: 3 }, { mae: 3.5 }, /at most 3/],
  [{ metric: 'mae', min: 1, max: 3 }, {}, /its mae is not recorded.*at least 1 and at most 3/],
  [{ metric: 'mae', max: 3 }, { mae: null }, /not recorded/],
  [{ metric: 'toString', max: 3 }, {}, /not recorded/],
  [{ metric: 'mae', max: 3, models: ['other'] }, { mae: 3.5 }, undefined],
  [{ metric: 'mae', max: 3, models: ['churn'] }, { mae: 3.5 }, /at most 3/],
])('with the gate %j, the metrics %j are refused by %p', (gate, metrics, message) => {
  const judge = () => refuse([], { policy: { requires: [], gates: [gate] }, metrics });
  if (message === undefined) expect(judge).not.toThrow();
  else expect(judge).toThrow(message);
});
