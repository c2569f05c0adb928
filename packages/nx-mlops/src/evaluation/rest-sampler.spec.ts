import type { RegressionSample } from '@nx-mlops/core';
import { restSampler } from './rest-sampler';

const rows = 60_000;
/** Half of the rows, a third, a few, and all the others. */
const codes = Uint8Array.from({ length: rows }, (_, row) =>
  row % 2 === 0 ? 0 : row % 3 === 0 ? 1 : row === 1 ? 2 : 3,
);

function sampleOf(groups?: Uint32Array): RegressionSample {
  const values = new Float64Array(rows);
  return { task: 'regression', scores: values, targets: values, ...(groups === undefined ? {} : { groups }) };
}

const sizeOf = (code: number) => codes.filter((each) => each === code).length;

describe('restSampler', () => {
  const sampler = restSampler(sampleOf());

  it.each([0, 1, 2, 3])('takes about 10,000 rows outside slice %d, rising, the same each time', (code) => {
    const others = rows - sizeOf(code);
    const chosen = sampler(codes, code, others);
    expect(chosen.length).toBeGreaterThan(9_500);
    expect(chosen.length).toBeLessThan(10_500);
    expect(chosen.every((row, at) => codes[row] !== code && row > (chosen[at - 1] ?? -1))).toBe(true);
    // By a sampler that has not looked at another slice before, and so at other rows.
    expect(restSampler(sampleOf())(codes, code, others)).toEqual(chosen);
  });

  it('chooses the more rows of the same, the fewer there are', () => {
    const few = new Set(sampler(codes, 0, 40_000));
    expect([...sampler(codes, 0, 50_000)].every((row) => few.has(row))).toBe(true);
    // More than any slice of up to half of the rows asks for.
    const many = new Set(sampler(codes, 0, 20_000));
    expect([...few].every((row) => many.has(row))).toBe(true);
  });

  it('takes all rows where there are few', () => {
    expect(sampler(codes, 1, 9_000)).toHaveLength(rows - sizeOf(1));
  });

  it('keeps groups whole', () => {
    const groups = Uint32Array.from({ length: rows }, (_, row) => row % 1_000);
    const chosen = new Set(restSampler(sampleOf(groups))(codes, 2, rows - 1));
    const taken = new Set([...chosen].map((row) => groups[row]));
    const whole = [...groups.keys()].filter((row) => taken.has(groups[row]) && codes[row] !== 2);
    expect(chosen.size).toBe(whole.length);
    expect(taken.size).toBeLessThan(250);
  });
});
