import fc from 'fast-check';
import { mergeProfiles, momentsOf, profileQuantile } from './merge-profiles';
import type { ColumnProfile, Profile } from './profile';

const edges = [0, 10, 20, 40];

/** A profile counted in JavaScript, as a server will count it: over frozen bins and a frozen vocabulary. */
function count(values: readonly (number | null)[], column: Partial<ColumnProfile> = {}): Profile {
  const numbers = values.filter((value) => value !== null);
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const squared = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const counts = edges.slice(0, -1).map((edge, bin) => {
    const next = edges[bin + 1] as number;
    const last = bin === edges.length - 2;
    return numbers.filter((value) => value >= edge && (value < next || (last && value === next))).length;
  });
  return {
    version: 1,
    dataset: 'd',
    split: 's',
    sha256: '0'.repeat(64),
    rows: values.length,
    columns: [
      {
        name: 'v',
        type: 'number',
        rows: values.length,
        missing: values.length - numbers.length,
        distinct: 0,
        ...(numbers.length === 0
          ? { finite: 0 }
          : {
              minimum: Math.min(...numbers),
              maximum: Math.max(...numbers),
              ...momentsOf(numbers.length, mean, squared),
            }),
        histogram: {
          edges,
          counts,
          under: numbers.filter((value) => value < 0).length,
          over: numbers.filter((value) => value > 40).length,
        },
        ...column,
      },
    ],
  };
}

const column = (profile: Profile) => profile.columns[0] as ColumnProfile;

describe('mergeProfiles', () => {
  it('gives the profile of all rows', () => {
    const values = fc.array(fc.option(fc.double({ min: -50, max: 90, noNaN: true }), { freq: 5 }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(values, values, (a, b) => {
        const merged = mergeProfiles(count(a), count(b));
        const whole = count([...a, ...b]);
        expect(merged.rows).toBe(whole.rows);
        const { mean, squaredDeviations, standardDeviation, ...exact } = column(merged);
        expect(exact).toEqual({
          ...column(whole),
          mean: undefined,
          squaredDeviations: undefined,
          standardDeviation: undefined,
        });
        close(mean, column(whole).mean, 90);
        close(squaredDeviations, column(whole).squaredDeviations, 90 ** 2 * whole.rows);
        close(standardDeviation, column(whole).standardDeviation, 90);
      }),
    );
  });

  it('keeps deviations where the mean is far from zero', () => {
    const merged = mergeProfiles(count([1e9, 1e9 + 1]), count([1e9 + 2, 1e9 + 3]));
    expect(column(merged)).toMatchObject({ mean: 1e9 + 1.5, squaredDeviations: 5 });
  });

  it('adds up values, and tells distinct ones exactly while there are no others', () => {
    const top = (a: number, b: number, otherCount: number) =>
      count([], { top: [['x', a], ['y', b]], otherCount, sketch: 'sparse:' }); // prettier-ignore
    expect(column(mergeProfiles(top(3, 0, 0), top(1, 2, 0)))).toMatchObject({
      top: [['x', 4], ['y', 2]], // prettier-ignore
      otherCount: 0,
      distinct: 2,
    });
    expect(column(mergeProfiles(top(3, 0, 0), top(1, 2, 5)))).toMatchObject({ otherCount: 5, distinct: 0 });
  });

  it('orders text by its bytes', () => {
    const text = (minimum: string, maximum: string) => count([], { type: 'string', minimum, maximum });
    expect(column(mergeProfiles(text('b', '\u{1f600}'), text('a', '\uffee')))).toMatchObject({
      minimum: 'a',
      maximum: '\u{1f600}',
    });
  });

  it('names both splits', () => {
    const merged = mergeProfiles(count([1]), { ...count([2]), split: 't' });
    expect(merged.split).toBe('s+t');
    expect(merged.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([
    ['columns', { name: 'w' }, 'columns differ'],
    ['types', { type: 'integer' as const }, 'columns differ'],
    ['bins', { histogram: { edges: [0, 40], counts: [0] } }, 'the bins of "v" differ'],
    ['vocabularies', { top: [], otherCount: 0 }, 'the vocabularies of "v" differ'],
  ])('refuses profiles of other %s', (_, other, words) => {
    expect(() => mergeProfiles(count([1]), count([1], other))).toThrow(
      expect.objectContaining({ code: 'MLOPS_PROFILE_MISMATCH', message: expect.stringContaining(words) }),
    );
  });
});

describe('profileQuantile', () => {
  it('goes straight from edge to edge', () => {
    const profile = column(count([0, 5, 15, 30]));
    expect(profileQuantile(profile, 0)).toBe(0);
    expect(profileQuantile(profile, 0.25)).toBe(5);
    expect(profileQuantile(profile, 0.5)).toBe(10);
    expect(profileQuantile(profile, 1)).toBe(40);
  });

  it('knows nothing of a column without values', () => {
    expect(profileQuantile(column(count([])), 0.5)).toBeUndefined();
    expect(profileQuantile({ ...column(count([])), histogram: undefined }, 0.5)).toBeUndefined();
  });
});

function close(actual: number | undefined, expected: number | undefined, scale: number): void {
  if (expected === undefined) expect(actual).toBeUndefined();
  else expect(Math.abs((actual as number) - expected)).toBeLessThanOrEqual(1e-12 * scale);
}
