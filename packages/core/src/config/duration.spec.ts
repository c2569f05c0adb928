import fc from 'fast-check';
import { formatDuration, secondsOf } from './duration';

it.each([
  ['0s', 0],
  ['90s', 90],
  ['10m', 600],
  ['24h', 86_400],
  ['7d', 604_800],
])('%s is %d seconds', (text, seconds) => expect(secondsOf(text)).toBe(seconds));

it.each(['', '10', 'm', '1.5h', '-1s', '10 m', '1h30m', '5w'])('refuses %p', (text) => {
  expect(() => secondsOf(text)).toThrow();
});

it('writes what it reads', () => {
  fc.assert(fc.property(fc.nat(), (seconds) => expect(secondsOf(formatDuration(seconds))).toBe(seconds)));
});
