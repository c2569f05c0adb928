import { elementsOf, parseMarkup } from '../html/markup.fixture';
import { intervalBar } from './interval-bar';

it('draws value, interval and limit at their places on one scale', () => {
  const bar = parseMarkup(
    intervalBar({
      value: 0.5,
      low: 0.25,
      high: 0.75,
      domain: [0, 1],
      limits: [1],
      reference: 0,
      tone: 'pass',
    }),
  );
  const path = (name: string) =>
    elementsOf(bar, 'path').find(({ attributes }) => attributes['class'] === name)?.attributes['d'];
  expect(elementsOf(bar, 'circle')[0]?.attributes['cx']).toBe('80');
  expect(path('iv')).toBe('M43 9H117');
  expect(path('lim')).toBe('M154 1V17');
  expect(path('ref')).toBe('M6 0V18');
});

it('keeps what lies outside of its scale at the edge, and a value alone a dot', () => {
  const bar = parseMarkup(intervalBar({ value: 9, domain: [0, 1], tone: 'fail' }));
  expect(elementsOf(bar, 'circle')[0]?.attributes['cx']).toBe('158');
});
