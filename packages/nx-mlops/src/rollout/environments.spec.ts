import type { Deployment, Rollout } from '@nx-mlops/core';
import { environmentNamed, promotionWay, rollbackEnvironment, rolloutEnvironment } from './environments';

const three = { environments: [{ name: 'staging' }, { name: 'canary' }, { name: 'production' }] };
const one = { environments: [{ name: 'production' }] };

it.each([
  [three, undefined, 'staging'],
  [three, 'production', 'production'],
])('environmentNamed', (config, name, expected) => expect(environmentNamed(config, name)).toBe(expected));

it('environmentNamed names the nearest one of a misspelt name', () => {
  expect(() => environmentNamed(three, 'prodution')).toThrow(
    'mlops.json: environments: There is no environment "prodution". Did you mean "production"?',
  );
});

describe('promotionWay', () => {
  it.each([
    [{}, 'staging', 'canary'],
    [{ from: 'canary' }, 'canary', 'production'],
    [{ to: 'production' }, 'canary', 'production'],
    [{ from: 'staging', to: 'production' }, 'staging', 'production'],
    [{ from: 'production', to: 'staging' }, 'production', 'staging'],
  ])('with %j leads from %s to %s', (ends, from, to) => {
    expect(promotionWay(three, ends)).toEqual({ from, to });
  });

  it.each([
    [three, { from: 'production' }, /"production" is the last environment/],
    [three, { to: 'staging' }, /"staging" is the first environment/],
    [one, {}, /"production" is the last environment/],
    [three, { from: 'stagin' }, /Did you mean "staging"\?/],
  ])('refuses %j of %j', (config, ends, message) => {
    expect(() => promotionWay(config, ends)).toThrow(message);
  });
});

describe('rollbackEnvironment', () => {
  const serving = (...names: string[]) => ({
    model: 'm',
    deployments: new Map(names.map((environment) => [environment, { environment } as Deployment])),
    active: new Map<string, Rollout>(),
  });

  it.each([
    ['the last one that serves', undefined, serving('staging', 'production'), 'production'],
    ['not one that serves nothing', undefined, serving('staging', 'canary'), 'canary'],
    [
      'one where a first rollout is under way',
      undefined,
      { ...serving('staging'), active: new Map([['production', {} as Rollout]]) },
      'production',
    ],
    ['the one that was named', 'staging', serving('staging', 'production'), 'staging'],
  ])('is %s', (_what, name, state, expected) => {
    expect(rollbackEnvironment(three, name, state)).toBe(expected);
  });

  it('is none when the model serves nowhere, not even in an environment that is gone from mlops.json', () => {
    expect(() => rollbackEnvironment(three, undefined, serving('old'))).toThrow(/serves in no environment/);
  });
});

describe('rolloutEnvironment', () => {
  const rolling = (...names: string[]) => ({
    model: 'm',
    active: new Map(names.map((name) => [name, {} as Rollout])),
  });

  it('is the only one with a rollout under way, or the one that was named', () => {
    expect(rolloutEnvironment(three, undefined, rolling('canary'))).toBe('canary');
    expect(rolloutEnvironment(three, 'staging', rolling('canary', 'production'))).toBe('staging');
  });

  it('is asked for when there is none, or several', () => {
    expect(() => rolloutEnvironment(three, undefined, rolling())).toThrow(/no rollout of "m" is under way/);
    expect(() => rolloutEnvironment(three, undefined, rolling('canary', 'production'))).toThrow(
      /under way in canary and production/,
    );
  });
});
