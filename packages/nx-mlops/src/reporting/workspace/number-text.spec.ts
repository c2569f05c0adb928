import { percentChange, shortNumber, signedNumber } from './number-text';

describe('numbers of the report', () => {
  it.each([
    [0.731_249, '0.7312'],
    [0.5, '0.5'],
    [0.012_149, '0.0121'],
    [12.3456, '12.3'],
    [1234.56, '1234.6'],
    [-0.731_249, '-0.7312'],
    [1204, '1204'],
    [0, '0'],
    [null, '–'],
    [undefined, '–'],
  ])('of %p is %s', (value, text) => expect(shortNumber(value)).toBe(text));

  it.each([
    [0.0121, '+0.0121'],
    [-0.0032, '−0.0032'],
    [0, '±0'],
  ])('a difference of %p is %s', (value, text) => expect(signedNumber(value)).toBe(text));

  it.each([
    [48_000, 52_000, '+8.3 %'],
    [52_000, 48_000, '−7.7 %'],
    [10, 10, '±0 %'],
    [100_000, 100_001, '+<0.1 %'],
    [0, 5, 'was 0'],
    [0, 0, '±0 %'],
    [10, 25, '+150 %'],
  ])('from %d to %d is %s', (before, now, text) => expect(percentChange(before, now)).toBe(text));
});
