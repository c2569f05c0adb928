import { requestedRun } from './requested-run';

describe('requestedRun', () => {
  it.each([
    ['run late:deploy:production', { targets: ['deploy'], project: 'late', configuration: 'production' }],
    ['run late:deploy', { targets: ['deploy'], project: 'late' }],
    ['run late:deploy -c production', { targets: ['deploy'], project: 'late', configuration: 'production' }],
    ['run deploy --project late', { targets: ['deploy'], project: 'late' }],
    [
      'deploy late --configuration=production',
      { targets: ['deploy'], project: 'late', configuration: 'production' },
    ],
    ['deploy late --prod', { targets: ['deploy'], project: 'late', configuration: 'production' }],
    ['--verbose deploy late -c=staging', { targets: ['deploy'], project: 'late', configuration: 'staging' }],
    ['run-many -t train,deploy -c staging', { targets: ['train', 'deploy'], configuration: 'staging' }],
    ['run-many -t train deploy -c staging', { targets: ['train', 'deploy'], configuration: 'staging' }],
    ['affected --targets=deploy --configuration staging', { targets: ['deploy'], configuration: 'staging' }],
    ['run late:deploy -- -c production', { targets: ['deploy'], project: 'late' }],
    ['', { targets: [] }],
  ])('reads nx %s', (line, expected) => {
    const { targets, project, configuration } = requestedRun(line.split(' ').filter(Boolean));
    expect({ targets, project, configuration }).toEqual({
      project: undefined,
      configuration: undefined,
      ...expected,
    });
  });
});
