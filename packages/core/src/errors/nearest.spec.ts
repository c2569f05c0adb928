import fc from 'fast-check';
import { metricNames } from '../config/metrics';
import { nearestName, suggestion } from './nearest';

describe('nearestName', () => {
  it.each([
    ['auc', 'roc-auc'],
    ['roc_auc', 'roc-auc'],
    ['ROC AUC', 'roc-auc'],
    ['AUC-ROC', undefined],
    ['log_loss', 'log-loss'],
    ['logloss', 'log-loss'],
    ['acuracy', 'accuracy'],
    ['accuracy', 'accuracy'],
    ['balanced', 'balanced-accuracy'],
    ['RMSE', 'rmse'],
    ['median_absolute_errror', 'median-absolute-error'],
    ['sharpness-of-the-knife', undefined],
    ['', undefined],
    ['-', undefined],
  ])('of the metrics, %p means %p', (name, expected) => {
    expect(nearestName(name, metricNames)).toBe(expected);
  });

  it('finds every candidate by its own name', () => {
    fc.assert(
      fc.property(fc.constantFrom(...metricNames), (name) => {
        expect(nearestName(name.toUpperCase().replaceAll('-', '_'), metricNames)).toBe(name);
      }),
    );
  });

  it('prefers a whole word to a nearer spelling', () => {
    expect(nearestName('auc', ['mcc', 'pr-auc-curve', 'roc-auc'])).toBe('roc-auc');
  });

  it('means nothing when there is nothing to mean', () => {
    expect(nearestName('auc', [])).toBeUndefined();
  });
});

describe('suggestion', () => {
  it('lists what is valid when nothing is close', () => {
    expect(suggestion('zzzzzzzz', ['alpha', 'beta'])).toBe(' Valid: alpha, beta.');
    expect(suggestion('', ['alpha', 'beta'])).toBe(' Valid: alpha, beta.');
    expect(suggestion('alhpa', ['alpha', 'beta'])).toBe(' Did you mean "alpha"?');
    expect(suggestion('x', [])).toBe('');
  });

  it('shortens a long list', () => {
    const many = Array.from({ length: 30 }, (_, index) => `candidate-number-${index}`);
    expect(suggestion('zzz', many)).toMatch(/candidate-number-19, …\.$/);
  });
});
