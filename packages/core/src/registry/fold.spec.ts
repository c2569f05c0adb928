import type { NewRegistryEvent, RegistryEvent } from './event';
import { chainEvent } from './event-log';
import { foldEvents } from './fold';
import { longPlan } from './random-events.fixture';

const base = { at: '2026-11-01T12:00:00.000Z', actor: 'ada', environment: 'production' };
const candidate = { version: 1, digest: 'a'.repeat(64) };
const started = (rollout: string): NewRegistryEvent => ({
  ...base,
  ...{ type: 'rollout-started', rollout, ...candidate, plan: longPlan },
});

function after(...events: NewRegistryEvent[]) {
  const log = events.reduce<RegistryEvent[]>((made, each) => [...made, chainEvent(made.at(-1), each)], []);
  return foldEvents('churn', log);
}

it('leaves the rollout under way alone when an event is about one that has ended', () => {
  const state = after(started('production-1'), started('production-2'), {
    ...base,
    ...{ type: 'rollout-approved', rollout: 'production-1', step: 0 },
  });
  expect(state.active.get('production')?.id).toBe('production-2');
  expect(state.rollouts.get('production-1')).toMatchObject({
    approvals: [],
    end: { kind: 'superseded', by: 'production-2' },
  });
});
