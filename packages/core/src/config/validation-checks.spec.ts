import { checkCatalogue, checkNames, parameterOf, severityOf } from './validation-checks';

describe('the settings of checks', () => {
  it.each(checkNames)('of %s are its own where the config says nothing', (name) => {
    expect(severityOf(undefined, name)).toBe(checkCatalogue[name].preset);
    expect(severityOf({}, name)).toBe(checkCatalogue[name].preset);
  });

  it('may be a severity, parameters or both', () => {
    expect(severityOf({ skew: 'off' }, 'skew')).toBe('off');
    expect(severityOf({ skew: { threshold: 0.3 } }, 'skew')).toBe('warn');
    expect(severityOf({ skew: { severity: 'fail', threshold: 0.3 } }, 'skew')).toBe('fail');
    expect(parameterOf({ skew: { threshold: 0.3 } }, 'skew', 'threshold')).toBe(0.3);
    expect(parameterOf({ skew: 'fail' }, 'skew', 'threshold')).toBe(0.1);
    expect(parameterOf({ skew: { threshold: 0.3 } }, 'skew', 'minRows')).toBe(100);
  });

  it('of a finding may be milder by default, and yield to the config', () => {
    expect(severityOf(undefined, 'overlap', 'warn')).toBe('warn');
    expect(severityOf({ overlap: 'fail' }, 'overlap', 'warn')).toBe('fail');
  });
});
