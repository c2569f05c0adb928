import fc from 'fast-check';
import { isInShare, trafficPosition } from './traffic-position';

const subjects = Array.from({ length: 20_000 }, (_, index) => `user-${index}`);
const positionsIn = (experiment: string, salt = 'churn') =>
  subjects.map((subject) => trafficPosition({ salt, experiment, subject }));

describe('trafficPosition', () => {
  // Python 3: h = hashlib.sha256(b'\0'.join(s.encode() for s in (salt, experiment, subject))).digest()
  //           (int.from_bytes(h[:7], 'big') >> 4) / 2**52
  it.each([
    ['churn', 'production-5', 'user-1', 0.9521002041576136],
    ['churn', 'production-5', 'user-2', 0.7197065822021376],
    ['churn', 'production-6', 'user-1', 0.6431168958747611],
    ['fraud', 'production-5', 'user-1', 0.9907598923029692],
    ['churn', 'production-5', '', 0.812559708740139],
    ['churn', 'production-5', 'Zoë 🦊', 0.7811783336421134],
  ])('of %s, %s, %j is what hashlib of Python gives', (salt, experiment, subject, position) => {
    expect(trafficPosition({ salt, experiment, subject })).toBe(position);
  });

  it('is uniform: chi-square over 100 equal bins, below the 99.9 % point of 99 degrees of freedom', () => {
    const counts = new Array<number>(100).fill(0);
    for (const position of positionsIn('production-5')) {
      const bin = Math.floor(position * 100);
      counts[bin] = (counts[bin] as number) + 1;
    }
    const expected = subjects.length / counts.length;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(148.23);
  });

  it.each([
    ['two rollouts of a model', positionsIn('production-5'), positionsIn('production-6')],
    ['two models', positionsIn('production-5'), positionsIn('production-5', 'fraud')],
  ])('is independent between %s: chi-square of the 2 × 2 table, below its 99.9 % point', (_what, a, b) => {
    const cells = [0, 0, 0, 0];
    a.forEach((position, index) => {
      const cell = (isInShare(position, 50) ? 2 : 0) + (isInShare(b[index] as number, 50) ? 1 : 0);
      cells[cell] = (cells[cell] as number) + 1;
    });
    const [neither, second, first, both] = cells as [number, number, number, number];
    const margins = (both + first) * (neither + second) * (both + second) * (neither + first);
    const chiSquare = (subjects.length * (both * neither - first * second) ** 2) / margins;
    expect(chiSquare).toBeLessThan(10.83);
  });
});

describe('isInShare', () => {
  it('lets in about as many as the share says', () => {
    const inShare = positionsIn('production-5').filter((position) => isInShare(position, 5)).length;
    // 5 % of 20,000 is 1,000, its standard deviation 31.
    expect(Math.abs(inShare - 1000)).toBeLessThan(4 * 31);
  });

  it('moves nobody back when the share is raised, lets in nobody at 0 and everybody at 100', () => {
    const percent = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(fc.string(), fc.string(), percent, percent, (experiment, subject, one, other) => {
        const position = trafficPosition({ salt: 'churn', experiment, subject });
        const [lower, higher] = one < other ? [one, other] : [other, one];
        expect(position).toBeGreaterThanOrEqual(0);
        expect(position).toBeLessThan(1);
        if (isInShare(position, lower)) expect(isInShare(position, higher)).toBe(true);
        expect([isInShare(position, 0), isInShare(position, 100)]).toEqual([false, true]);
      }),
    );
  });
});
