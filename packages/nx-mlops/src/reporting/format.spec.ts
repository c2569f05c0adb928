import { formatBytes, formatCount, formatDuration, formatMoment, formatNumber, plural } from './format';

describe('formatNumber', () => {
  it.each([
    [0.841234, '0.8412'],
    [-0.5, '-0.5'],
    [3, '3'],
    [0, '0'],
    [1234.567, '1234.6'],
    [123456.7, '123457'],
    [1.23456e-7, '1.235e-7'],
    [1e21, '1e+21'],
    [null, '–'],
    [undefined, '–'],
    [NaN, 'NaN'],
  ])('writes %p as %s', (value, text) => expect(formatNumber(value)).toBe(text));
});

describe('formatDuration', () => {
  it.each([
    [0.42, '0.4 s'],
    [9.96, '10 s'],
    [59.4, '59 s'],
    [59.6, '1 min 00 s'],
    [185, '3 min 05 s'],
    [3599.6, '1 h 00 min'],
    [7620, '2 h 07 min'],
    [7199, '2 h 00 min'],
  ])('writes %p seconds as %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));
});

it('groups counts and puts nouns in the plural', () => {
  expect(formatCount(1234567)).toBe('1,234,567');
  expect(formatCount(999)).toBe('999');
  expect([plural(1, 'row'), plural(0, 'row'), plural(1200, 'row')]).toEqual([
    '1 row',
    '0 rows',
    '1,200 rows',
  ]);
});

it('writes a moment without the T, the fraction and the Z', () => {
  expect(formatMoment('2026-11-05T12:30:59.123Z')).toBe('2026-11-05 12:30:59');
  expect(formatMoment('2026-11-05T12:30:59Z')).toBe('2026-11-05 12:30:59');
});

it.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1000, '1.0 kB'],
  [9_940, '9.9 kB'],
  [9_960, '10 kB'],
  [999_600, '1.0 MB'],
  [8e9, '8.0 GB'],
  [5e15, '5000 TB'],
])('writes %d bytes as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
