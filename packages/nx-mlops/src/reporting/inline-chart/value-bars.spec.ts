import { elementsOf, parseMarkup, textOf, type Element } from '../html/markup.fixture';
import { formatShare } from './chart';
import { valueBars, valueColumns } from './value-bars';

const chart = {
  id: 'c1',
  title: 'Distribution of origin',
  labels: ['JFK', 'LAX'],
  series: [
    { name: 'train', shares: [0.5, 0.25] },
    { name: 'test', shares: [0.25, 0] },
  ],
};

function rectangles(svg: Element, name: string): number[] {
  return elementsOf(svg, 'rect')
    .filter(({ attributes }) => attributes['class'] === name)
    .map(({ attributes }) => Number(attributes['width']));
}

it('draws bars as long as their shares, one series beside the other', () => {
  const svg = parseMarkup(valueBars(chart));
  const [longest = 0, half] = rectangles(svg, 'f0');
  expect(half).toBeCloseTo(longest / 2, 0);
  expect(rectangles(svg, 'l l1')[0]).toBeCloseTo(longest / 2, 0);
  // Nothing is drawn as nothing, so that it is told from very little.
  expect(rectangles(svg, 'l l1')[1]).toBe(0);
  expect(elementsOf(svg, 'text').map(textOf)).toEqual(['JFK', '50 %', '25 %', 'LAX', '25 %', '0 %']);
});

it('draws more than two series without their shares, for which there is no room', () => {
  const svg = parseMarkup(
    valueBars({ ...chart, series: [...chart.series, { name: 'holdout', shares: [0.5, 0.5] }] }),
  );
  expect(elementsOf(svg, 'text').map(textOf)).toEqual(['JFK', 'LAX']);
});

it('leaves out labels of upright bars that would run into each other', () => {
  const labels = Array.from({ length: 30 }, (_, index) => String(1000 + index));
  const svg = parseMarkup(
    valueColumns({ ...chart, labels, series: [{ name: 'train', shares: labels.map(() => 1 / 30) }] }),
  );
  const shown = elementsOf(svg, 'text').map((text) => Number(text.attributes['x']));
  expect(shown.length).toBeGreaterThan(5);
  for (const [index, x] of shown.slice(1).entries())
    expect(x - (shown[index] as number)).toBeGreaterThan(4 * 7);
});

it.each([
  [0, '0 %'],
  [0.0004, '<0.1 %'],
  [0.0042, '0.4 %'],
  [0.123, '12 %'],
  [0.9996, '>99.9 %'],
  [1, '100 %'],
  [NaN, '–'],
])('writes a share of %p as %s', (share, text) => {
  expect(formatShare(share)).toBe(text);
});
