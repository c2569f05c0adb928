import { elementsOf, parseMarkup, textOf, type Element } from '../html/markup.fixture';
import { densityChart, shortNumber, type DensitySeries } from './density-chart';

function draw(series: Partial<DensitySeries>[], whole = false): Element {
  const full = series.map((item, index) => ({
    name: `s${index}`,
    edges: [],
    counts: [],
    outside: 0,
    ...item,
  }));
  return parseMarkup(densityChart({ id: 'c1', title: 'a', series: full, whole }));
}

/** Left, width and height of each bar of a series, from its outline. */
function bars(chart: Element, series: number): { left: number; width: number; height: number }[] {
  const path = elementsOf(chart, 'path').find(({ attributes }) => attributes['class'] === `l l${series}`);
  const [, first = '', steps = ''] = /^M([\d.]+) 112(.*)V112$/.exec(path?.attributes['d'] ?? '') ?? [];
  let left = Number(first);
  return [...steps.matchAll(/V([\d.]+)H([\d.]+)/g)].map(([, top, right]) => {
    const bar = { left, width: Number(right) - left, height: 112 - Number(top) };
    left = Number(right);
    return bar;
  });
}

it('draws bins of unequal width by their area', () => {
  const [narrow, wide] = bars(draw([{ edges: [0, 1, 3], counts: [10, 10] }]), 0);
  expect((wide?.width ?? 0) / (narrow?.width ?? 1)).toBeCloseTo(2, 1);
  expect((narrow?.height ?? 0) / (wide?.height ?? 1)).toBeCloseTo(2, 1);
});

it('counts the closed end of whole numbers as a value of its own', () => {
  const heights = bars(draw([{ edges: [1, 2, 3], counts: [10, 20] }], true), 0).map(({ height }) => height);
  // [1, 2) holds the 1s, [2, 3] the 2s and the 3s.
  expect(heights[0]).toBeCloseTo(heights[1] as number, 1);
});

it('holds a series to its rows inside and outside of the bins', () => {
  const chart = draw([
    { edges: [0, 1, 2], counts: [10, 10] },
    { edges: [0, 1, 2], counts: [5, 5], outside: 10 },
  ]);
  expect(bars(chart, 1)[0]?.height).toBeCloseTo((bars(chart, 0)[0]?.height ?? 0) / 2, 0);
});

it('cuts a spike and says its share, so that the rest can be seen', () => {
  const edges = Array.from({ length: 21 }, (_, index) => index * 10);
  const chart = draw([
    { edges: [...edges.slice(0, 1), 0.01, ...edges.slice(1)], counts: [400, ...Array<number>(20).fill(30)] },
  ]);
  expect(elementsOf(chart, 'text').map(textOf)).toContain('▲ 40 %');
  expect(bars(chart, 0)[5]?.height).toBeGreaterThan(10);
});

it('cuts a long tail at the side', () => {
  const edges = [...Array.from({ length: 11 }, (_, index) => index), 10_000];
  expect(bars(draw([{ edges, counts: Array<number>(11).fill(10) }]), 0)[0]?.width).toBeGreaterThan(15);
});

it.each([
  [0, '0'],
  [1500, '1500'],
  [20_000, '20k'],
  [-3_500_000, '-3.5M'],
  [2e18, '2.0e+18'],
])('writes a tick of %p as %s', (value, text) => {
  expect(shortNumber(value)).toBe(text);
});
