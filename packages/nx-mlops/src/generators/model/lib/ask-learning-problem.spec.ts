import type { DatasetConfig } from '@nx-mlops/core';
import type { Asker } from '../../lib/asker';
import { askLearningProblem } from './ask-learning-problem';

const config: DatasetConfig = {
  sources: { flights: { path: 'flights.csv' } },
  splits: { train: { fraction: 0.8 }, test: { fraction: 0.2 } },
  schema: {
    fields: [
      { name: 'day', type: 'date' },
      { name: 'hour', type: 'integer' },
      { name: 'distance', type: 'number' },
      { name: 'late', type: 'boolean' },
    ],
  },
};

/** Takes what is offered, but for the answers given by a word of the question. */
function asker(answers: Record<string, string | string[]> = {}): Asker & { asked: string[] } {
  const asked: string[] = [];
  const answerTo = (message: string) => Object.entries(answers).find(([word]) => message.includes(word))?.[1];
  return {
    asked,
    async select(message, choices, initial) {
      asked.push(`${message} ${choices.join(' ')} [${initial}]`);
      return (answerTo(message) as string | undefined) ?? initial;
    },
    async selectSome(message, choices, initial) {
      asked.push(`${message} ${choices.join(' ')} [${initial.join(' ')}]`);
      return (answerTo(message) as string[] | undefined) ?? [...initial];
    },
  };
}

describe('askLearningProblem', () => {
  it('offers what would be chosen without asking', async () => {
    const user = asker();
    expect(await askLearningProblem(config, {}, 'x', user)).toEqual({
      target: 'late',
      task: 'binary-classification',
      features: ['hour', 'distance'],
    });
    expect(user.asked).toEqual([
      'Which column should it predict? day hour distance late [late]',
      'What kind of value is that? binary-classification multiclass-classification regression [binary-classification]',
      'Which columns should it learn from? day hour distance [hour distance]',
    ]);
  });

  it('goes by the answers: another target has another task and other features', async () => {
    expect(
      await askLearningProblem(config, {}, 'x', asker({ predict: 'distance', learn: ['hour'] })),
    ).toEqual({
      target: 'distance',
      task: 'regression',
      features: ['hour'],
    });
  });

  it('asks for nothing that an option says', async () => {
    const user = asker();
    const options = { target: 'late', task: 'binary-classification' as const, features: ['hour'] };
    expect(await askLearningProblem(config, options, 'x', user)).toEqual(options);
    expect(user.asked).toEqual([]);
  });

  it('asks nothing of a dataset without a schema', async () => {
    const user = asker();
    expect(await askLearningProblem({ ...config, schema: undefined }, {}, 'x', user)).toEqual({});
    expect(user.asked).toEqual([]);
  });
});
