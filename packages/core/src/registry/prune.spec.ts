import type { NewRegistryEvent, RegistryEvent } from './event';
import { chainEvent } from './event-log';
import { foldEvents } from './fold';
import { prunableVersions } from './prune';

const digest = (version: number) => String(version).repeat(64);
const stamp = { at: '2026-11-01T00:00:00.000Z', actor: 'bob' };
const registered = (version: number): NewRegistryEvent => ({
  ...stamp,
  type: 'registered',
  version,
  digest: digest(version),
});
const deployed = (environment: string, version: number): NewRegistryEvent => ({
  ...stamp,
  type: 'deployed',
  environment,
  version,
  digest: digest(version),
});
const gone = (version: number): NewRegistryEvent => ({
  ...stamp,
  type: 'pruned',
  version,
  digest: digest(version),
});
const started = (version: number): NewRegistryEvent => ({
  ...stamp,
  type: 'rollout-started',
  environment: 'production',
  rollout: 'production-1',
  version,
  digest: digest(version),
  plan: { strategy: 'canary', steps: [{ kind: 'verify' }], then: 'promote', deadline: 60 },
});

const none = { served: {}, newest: 0 };

it.each([
  ['what never served', [], none, [1, 2, 3, 4, 5, 6]],
  ['not the newest', [], { served: {}, newest: 2 }, [1, 2, 3, 4]],
  ['not what serves, wherever', [deployed('old', 1), deployed('production', 3)], none, [2, 4, 5, 6]],
  ['not what is on its way', [started(2)], none, [1, 3, 4, 5, 6]],
  [
    'not what served last, each counted once',
    [1, 2, 3, 2, 3].map((version) => deployed('production', version)),
    { served: { production: 2 }, newest: 0 },
    [1, 4, 5, 6],
  ],
  ['not what is gone', [gone(1), gone(2)], none, [3, 4, 5, 6]],
])('may go: %s', (_, events, policy, expected) => {
  const chain = [1, 2, 3, 4, 5, 6]
    .map(registered)
    .concat(events)
    .reduce<RegistryEvent[]>((done, event) => [...done, chainEvent(done.at(-1), event)], []);
  expect(prunableVersions(foldEvents('churn', chain), policy)).toEqual(expected);
});
