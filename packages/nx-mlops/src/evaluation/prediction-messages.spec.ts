import { MlopsError } from '@nx-mlops/core/light';
import { errorOf, failureOf } from './prediction-messages';

// A process that predicts is started for each evaluation and should not pay for the schemas of configs.
jest.mock('zod', () => {
  throw new Error('zod was loaded');
});

describe('an error on its way from one process to another', () => {
  const sent = (error: unknown) => errorOf(JSON.parse(JSON.stringify(failureOf(error))));

  it('keeps the code that people and programs know it by', () => {
    const error = sent(new MlopsError('MLOPS_BATCH_VALUE', 'is missing'));
    expect(error).toBeInstanceOf(MlopsError);
    expect(error).toMatchObject({ code: 'MLOPS_BATCH_VALUE', message: 'is missing' });
  });

  it('keeps where it was thrown when nobody foresaw it', () => {
    expect(sent(new TypeError('surprise')).message).toMatch(
      /^TypeError: surprise\n\s+at .*prediction-messages/,
    );
    expect(sent('a text').message).toBe('a text');
  });
});
