import fc from 'fast-check';
import { DistinctSketch } from './distinct-sketch';

/** SplitMix64: a hash whose bits are as good as random. */
function hashOf(value: number): bigint {
  let z = BigInt.asUintN(64, BigInt(value) * 0x9e3779b97f4a7c15n + 0x9e3779b97f4a7c15n);
  z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
  return z ^ (z >> 31n);
}

function sketchOf(values: Iterable<number>): DistinctSketch {
  const sketch = DistinctSketch.empty();
  for (const value of values) {
    const hash = hashOf(value);
    sketch.addHash(Number(hash >> 52n), hash & ((1n << 52n) - 1n));
  }
  return sketch;
}

function* range(from: number, to: number): Iterable<number> {
  for (let value = from; value < to; value += 1) yield value;
}

describe('DistinctSketch', () => {
  it.each([0, 1, 2, 10, 100, 1000, 10_000, 100_000])('estimates %i within 5 %%', (count) => {
    const estimate = sketchOf(range(0, count)).estimate();
    expect(Math.abs(estimate - count)).toBeLessThanOrEqual(count * 0.05);
  });

  it('of a union is the merge of those of its parts', () => {
    const values = fc.array(fc.nat({ max: 3000 }), { maxLength: 400 });
    fc.assert(
      fc.property(values, values, (a, b) => {
        const merged = sketchOf(a).merge(sketchOf(b));
        expect(merged.toString()).toBe(sketchOf([...a, ...b]).toString());
      }),
    );
  });

  it.each([0, 3, 500, 1365, 1366, 50_000])('with %i values survives its text', (count) => {
    const text = sketchOf(range(0, count)).toString();
    expect(DistinctSketch.parse(text).toString()).toBe(text);
    expect(text.length).toBeLessThan(4200);
  });

  it('keeps the highest rank, that of a hash whose other bits are all zero', () => {
    const sketch = DistinctSketch.empty();
    sketch.addHash(4095, 0n);
    expect(sketch.toString()).toBe('sparse:__1');
    expect(DistinctSketch.parse('sparse:__1').toString()).toBe('sparse:__1');
  });

  it.each(['', 'sparse', 'sparse:ab', 'dense:abc', 'sparse:a=b', 'other:'])('refuses %j', (text) => {
    expect(() => DistinctSketch.parse(text)).toThrow(
      expect.objectContaining({ code: 'MLOPS_SKETCH_INVALID' }),
    );
  });
});
