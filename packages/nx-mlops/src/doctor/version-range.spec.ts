import fc from 'fast-check';
import { isInRange } from './version-range';

it.each([
  ['20.19.0', '>=20.19', true],
  ['20.18.9', '>=20.19', false],
  ['v22.1.0', '>=20.19', true],
  ['23.3.0', '>=23.3.0 <25', true],
  ['23.2.9', '>=23.3.0 <25', false],
  ['24.99.99', '>=23.3.0 <25', true],
  ['25.0.0', '>=23.3.0 <25', false],
  ['3.700.0', '^3.700.0', true],
  ['3.699.9', '^3.700.0', false],
  ['4.0.0', '^3.700.0', false],
  ['nonsense', '>=1', false],
])('%s in %s: %s', (version, range, expected) => {
  expect(isInRange(version, range)).toBe(expected);
});

it('orders by major, then minor, then patch', () => {
  const version = fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99));
  const weight = ([major, minor, patch]: readonly number[]) =>
    ((major as number) * 100 + (minor as number)) * 100 + (patch as number);
  fc.assert(
    fc.property(version, version, version, (a, low, high) => {
      const isBetween = weight(a) >= weight(low) && weight(a) < weight(high);
      expect(isInRange(a.join('.'), `>=${low.join('.')} <${high.join('.')}`)).toBe(isBetween);
    }),
  );
});

it('does not guess at ranges of another form', () => {
  expect(() => isInRange('1.0.0', '~1.0')).toThrow(RangeError);
});
