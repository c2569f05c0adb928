import { chainEvent } from '../event-log';
import type { NewRegistryEvent, RegistryEvent } from '../event';
import { foldEvents } from '../fold';
import { aliasesOf, aliasOfEnvironment } from './mlflow-aliases';

const who = { at: '2026-11-01T12:00:00.000Z', actor: 'ada' };
const digest = (version: number) => String(version).padStart(64, 'a');
const of = (version: number) => ({ version, digest: digest(version) });

const registered = (version: number): NewRegistryEvent => ({ type: 'registered', ...of(version), ...who });
const deployed = (environment: string, version: number): NewRegistryEvent => ({
  type: 'deployed',
  environment,
  ...of(version),
  ...who,
});
const rolledBack = (environment: string, from: number, to: number): NewRegistryEvent => ({
  type: 'rolled-back',
  environment,
  ...of(to),
  blocked: digest(from),
  ...who,
});
const rolloutOf3: NewRegistryEvent = {
  type: 'rollout-started',
  environment: 'production',
  rollout: 'production-6',
  ...of(3),
  champion: of(1),
  plan: { strategy: 'canary', steps: [{ kind: 'weight', weight: 5 }] } as never,
  ...who,
};

function stateAfter(...events: NewRegistryEvent[]) {
  const chain: RegistryEvent[] = [];
  for (const event of [registered(1), registered(2), registered(3), ...events]) {
    chain.push({ ...event, ...seqOf(chain) } as RegistryEvent);
  }
  return foldEvents('churn', chain);
}

const seqOf = (chain: readonly RegistryEvent[]) => {
  const { seq, previous, hash } = chainEvent(chain.at(-1), registered(1));
  return { seq, previous, hash };
};

const environments = ['staging', 'production'];

describe('aliasesOf', () => {
  it.each<[string, NewRegistryEvent[], Record<string, number>]>([
    ['nothing serves', [], {}],
    ['the first environment serves', [deployed('staging', 1)], { staging: 1, challenger: 1 }],
    [
      'both serve the same',
      [deployed('staging', 1), deployed('production', 1)],
      { staging: 1, production: 1, champion: 1 },
    ],
    [
      'a newer version waits in the first',
      [deployed('staging', 1), deployed('production', 1), deployed('staging', 2)],
      { staging: 2, production: 1, champion: 1, challenger: 2 },
    ],
    [
      'the newer one took over',
      [deployed('production', 1), deployed('production', 2)],
      { production: 2, champion: 2, previous: 1 },
    ],
    [
      'it was rolled back',
      [deployed('production', 1), deployed('production', 2), rolledBack('production', 2, 1)],
      { production: 1, champion: 1 },
    ],
    [
      'a rollout is under way',
      [deployed('production', 1), deployed('staging', 2), rolloutOf3],
      { staging: 2, production: 1, champion: 1, challenger: 3 },
    ],
    [
      'an environment is no longer in mlops.json',
      [deployed('canary', 2), deployed('production', 1)],
      { canary: 2, production: 1, champion: 1 },
    ],
  ])('when %s', (_, events, expected) => {
    const aliases = [...aliasesOf(stateAfter(...events), environments)];
    expect(Object.fromEntries(aliases.filter(([, version]) => version !== undefined))).toEqual(expected);
    // Those that are to be removed are named too.
    expect(aliases.map(([alias]) => alias)).toEqual(
      expect.arrayContaining(['staging', 'production', 'champion', 'challenger', 'previous']),
    );
  });

  it('leaves the champion alone where the environments are not known', () => {
    const aliases = aliasesOf(stateAfter(deployed('production', 1)), []);
    expect([...aliases]).toEqual([['production', 1]]);
  });
});

it.each([
  ['staging', 'staging'],
  ['Production', 'production'],
  ['eu_west-1', 'eu_west-1'],
  ['eu.west', undefined],
  ['latest', undefined],
  ['v2', undefined],
  ['V2', undefined],
  ['Champion', undefined],
  ['previous', undefined],
])('the alias of the environment %p is %p', (environment, alias) => {
  expect(aliasOfEnvironment(environment)).toBe(alias);
});
