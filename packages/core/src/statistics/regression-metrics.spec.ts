import fc from 'fast-check';
import { metricsOfTask, type MetricName } from '../config/metrics';
import { measureSample } from './measure-sample';
import type { RegressionSample } from './sample';

const all = metricsOfTask('regression');
const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const rows = fc.array(fc.tuple(value, value), { minLength: 2, maxLength: 50 });

function inputOf(list: readonly (readonly [number, number])[]) {
  return {
    scores: Float64Array.from(list, ([prediction]) => prediction),
    targets: Float64Array.from(list, ([, target]) => target),
  };
}

function measured(input: Omit<RegressionSample, 'task'>, names: readonly MetricName[]) {
  return measureSample({ task: 'regression', ...input }, names);
}

describe('measureSample of a regression', () => {
  it('orders its measures of error: |bias| <= MAE <= RMSE <= max, median <= max, R2 <= 1', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const values = measured(inputOf(list), all) as Record<string, number | null>;
        const [mae, rmse, max] = [values['mae'], values['rmse'], values['max-error']] as [
          number,
          number,
          number,
        ];
        const slack = 1 + 1e-12;
        expect(Math.abs(values['mean-error'] as number)).toBeLessThanOrEqual(mae * slack);
        expect(mae).toBeLessThanOrEqual(rmse * slack + 1e-150);
        expect(rmse).toBeLessThanOrEqual(max * slack);
        expect(values['median-absolute-error']).toBeLessThanOrEqual(max);
        if (values['r2'] !== null) expect(values['r2']).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('does not depend on the order of the rows', () => {
    fc.assert(
      fc.property(
        rows.chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
        ),
        ([list, mixed]) => {
          const before = measured(inputOf(list), ['mae', 'rmse', 'median-absolute-error']);
          const after = measured(inputOf(mixed), ['mae', 'rmse', 'median-absolute-error']);
          for (const [name, one] of Object.entries(before)) {
            const difference = Math.abs((after[name] as number) - (one as number));
            expect(difference).toBeLessThanOrEqual(1e-12 * Math.abs(one as number));
          }
        },
      ),
    );
  });

  it('says prediction minus target, so that too high is positive', () => {
    expect(measured(inputOf([[5, 3]]), ['mean-error'])).toEqual({ 'mean-error': 2 });
  });

  it('has no R2 for a constant target, even one that floating point cannot hold exactly', () => {
    expect(
      measured(
        inputOf([
          [1, 0.1],
          [2, 0.1],
          [3, 0.1],
        ]),
        ['r2'],
      ),
    ).toEqual({ r2: null });
  });

  it('has no values without rows', () => {
    expect(Object.values(measured(inputOf([]), all))).toEqual(all.map(() => null));
  });

  it('tells a prediction from a target that is not finite', () => {
    expect(() => measured(inputOf([[NaN, 1]]), all)).toThrow(/the prediction of row 0/);
    expect(() => measured(inputOf([[1, Infinity]]), all)).toThrow(/the target of row 0/);
  });
});
