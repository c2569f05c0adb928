import { mlopsConfigSchema } from '../../config/mlops-config';
import type { EnvironmentConfig } from '../../config/environment-config';
import { parseConfig } from '../../config/parse-config';
import { planRollout } from './plan-rollout';
import { plannedSample } from '../../statistics/planned-sample';
import { splitAlpha } from '../../statistics/sequential/split-alpha';
import { rolloutPlanSchema, type RolloutStep } from './plan';

function environment(fields: object): EnvironmentConfig {
  const text = JSON.stringify({ environments: [{ name: 'production', ...fields }] });
  const { environments } = parseConfig(text, mlopsConfigSchema, 'mlops.json');
  return environments[0] as EnvironmentConfig;
}

/** `verify, shadow 100, 5, soak 600`. */
const words = (steps: readonly RolloutStep[] = []) =>
  steps
    .map((step) => {
      switch (step.kind) {
        case 'weight':
          return `${step.weight}`;
        case 'shadow':
          return `shadow ${step.share}`;
        case 'soak':
          return `soak ${step.seconds}`;
        case 'approval':
          return `approval ${step.count}`;
        case 'verify':
        case 'switch':
          return step.kind;
      }
    })
    .join(', ');

it.each([
  ['nothing said', {}, undefined, undefined],
  ['approvals', { approvals: 2 }, 'approval 2, verify, switch', 'approval 2, verify, switch'],
  ['direct with a soak', { strategy: { type: 'direct', soak: '10m' } }, 'verify, soak 600', undefined],
  ['the usual canary', { strategy: { type: 'canary' } }, 'verify, shadow 100, 5, 25, 50, switch', undefined],
  [
    'a canary of its own steps',
    {
      approvals: 1,
      strategy: { type: 'canary', steps: [{ weight: 10 }, { approval: true }, { weight: 100 }], soak: '1h' },
    },
    'approval 1, verify, 10, approval 1, 100, soak 3600',
    'approval 1, verify, switch',
  ],
  [
    'blue-green that asks',
    { strategy: { type: 'blue-green', approval: true } },
    'verify, approval 1, switch',
    'verify, approval 1, switch',
  ],
  ['blue-green that does not', { strategy: { type: 'blue-green' } }, undefined, undefined],
  ['a shadow that promotes', { strategy: { type: 'shadow' } }, 'verify, shadow 100, switch', undefined],
  [
    'a shadow that stops',
    { strategy: { type: 'shadow', then: 'stop', share: 20 } },
    'verify, shadow 20',
    undefined,
  ],
  [
    'an experiment',
    { strategy: { type: 'a-b', metric: 'clicked', minimumEffect: 0.02, baseline: { mean: 0.1 } } },
    'verify, 50, switch',
    undefined,
  ],
])('%s', (_, fields, withChampion, without) => {
  const plan = (hasChampion: boolean) => planRollout(environment(fields), { hasChampion });
  expect(words(plan(true)?.steps)).toBe(withChampion ?? '');
  expect(words(plan(false)?.steps)).toBe(without ?? '');
  for (const each of [plan(true), plan(false)]) {
    if (each !== undefined) expect(rolloutPlanSchema.parse(JSON.parse(JSON.stringify(each)))).toEqual(each);
  }
});

it('a shadow that stops has no last step, and its first version serves all the same', () => {
  const config = environment({ strategy: { type: 'shadow', then: 'stop', soak: '5m' } });
  expect(planRollout(config, { hasChampion: true })?.then).toBe('stop');
  expect(planRollout(config, { hasChampion: false })).toBeUndefined();
});

it('plans the sample of an experiment, at the share of alpha that its final look has', () => {
  const config = environment({
    strategy: { type: 'a-b', metric: 'clicked', minimumEffect: 0.02, baseline: { mean: 0.1 } },
  });
  const plan = planRollout(config, { hasChampion: true });
  const expected = plannedSample({
    standardDeviation: 0.3,
    minimumEffect: 0.02,
    alpha: splitAlpha(0.05).final,
    power: 0.8,
  });
  expect(plan?.experiment?.plannedSample).toBe(expected);
  expect(expected).toBeGreaterThan(3532);
});

describe('mlops.json', () => {
  it.each([
    [{ requires: ['staging'] }, /"staging" is no environment before this one/],
    [{ strategy: { type: 'canry' } }, /strategy/],
    [{ strategy: { type: 'canary', steps: [{ weight: 0 }] } }, /steps/],
    [{ strategy: { type: 'canary', deadline: 'soon' } }, /deadline/],
    [{ gates: [{ metric: 'auc' }] }, /needs "min" or "max"/],
    [{ keep: 0 }, /keep/],
  ])('refuses %j', (fields, message) => {
    expect(() => environment(fields)).toThrow(message);
  });
});
