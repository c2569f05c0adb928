import { knownConfigurations, unknownEnvironment } from './unknown-environment';
import { requestedRun } from './requested-run';

const environments = { staging: {}, production: {} };
const known = knownConfigurations({
  late: {
    root: 'ml/late',
    targets: {
      train: { executor: 'nx-mlops:train' },
      deploy: { executor: 'nx-mlops:deploy', configurations: environments },
    },
  },
  // No environments: its mlops.json cannot be read.
  lost: { root: 'ml/lost', targets: { deploy: { executor: 'nx-mlops:deploy', configurations: {} } } },
  shop: {
    root: 'apps/shop',
    targets: {
      deploy: { executor: 'nx:run-commands', configurations: { blue: {} } },
      build: { executor: 'nx:run-commands', configurations: { production: {} } },
    },
  },
});

const check = (line: string) => unknownEnvironment(requestedRun(line.split(' ')), known);

describe('unknownEnvironment', () => {
  it.each([
    ['run late:deploy:prodution', 'late:deploy', 'prodution'],
    ['deploy late -c prod', 'late:deploy', 'prod'],
    ['run-many -t deploy -c stagin', 'deploy', 'stagin'],
    ['affected -t train,deploy --configuration=blu', 'deploy', 'blu'],
    ['run late:deploy:blue', 'late:deploy', 'blue'],
  ])('stops nx %s', (line, task, configuration) => {
    expect(check(line)).toEqual({ task, configuration, environments: ['staging', 'production'] });
  });

  it.each([
    'run late:deploy:production',
    'run late:deploy',
    'run late:train:whatever',
    'run-many -t deploy -c staging',
    'run-many -t deploy -c blue',
    'run shop:deploy:green',
    'run shop:build:prodution',
    'run lost:deploy:production',
    'run nobody:deploy:prodution',
  ])('lets nx %s through', (line) => {
    expect(check(line)).toBeUndefined();
  });
});
