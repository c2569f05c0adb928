import fc from 'fast-check';
import { escapeXml, svgDocument } from './document';
import { downSample, type Point } from './down-sample';
import { lineChart } from './line-chart';
import { domainOf, linearScale, niceTicks } from './scale';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 });

describe('niceTicks', () => {
  it.each([
    [[0, 1], 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [[0, 0.3], 3, [0, 0.1, 0.2, 0.3]],
    [[-1, 1], 4, [-1, -0.5, 0, 0.5, 1]],
    [[7, 7], 5, [7]],
  ] as const)('%p in about %p steps', (domain, count, ticks) => {
    expect(niceTicks(domain, count)).toEqual(ticks);
  });

  it('stays inside the domain and rises', () => {
    fc.assert(
      fc.property(finite, fc.double({ min: 1e-3, max: 1e6, noNaN: true }), (low, span) => {
        const ticks = niceTicks([low, low + span], 5);
        const slack = span * 1e-3 + Math.abs(low) * 1e-9;
        for (const tick of ticks) {
          expect(tick).toBeGreaterThanOrEqual(low - slack);
          expect(tick).toBeLessThanOrEqual(low + span + slack);
        }
        expect(ticks.length).toBeLessThan(15);
      }),
    );
  });
});

it('a scale maps the ends of the domain to the ends of the range, and a domain without width to the middle', () => {
  const scale = linearScale([10, 20], [0, 100]);
  expect([scale(10), scale(15), scale(20)]).toEqual([0, 50, 100]);
  expect(linearScale([3, 3], [0, 100])(3)).toBe(50);
});

it('a domain holds every finite value and skips the others', () => {
  expect(domainOf([NaN, 1, Infinity, 3], 0)).toEqual([1, 3]);
  expect(domainOf([])).toEqual([0, 1]);
  const [low, high] = domainOf([5]);
  expect(low < 5 && high > 5).toBe(true);
});

describe('downSample', () => {
  it('keeps the ends, a lone peak, the order and the limit', () => {
    const points: Point[] = Array.from({ length: 10_000 }, (_, x) => [
      x,
      x === 4321 ? 100 : Math.sin(x / 500),
    ]);
    const kept = downSample(points);
    expect(kept).toHaveLength(300);
    expect(kept[0]).toEqual(points[0]);
    expect(kept.at(-1)).toEqual(points.at(-1));
    expect(kept.some(([x, y]) => x === 4321 && y === 100)).toBe(true);
    expect(kept.map(([x]) => x)).toEqual([...kept.map(([x]) => x)].sort((a, b) => a - b));
  });

  it('gives points of the input only, no more than the limit', () => {
    fc.assert(
      fc.property(fc.array(finite, { maxLength: 80 }), fc.integer({ min: 3, max: 20 }), (values, limit) => {
        const points = values.map((y, x): Point => [x, y]);
        const kept = downSample(points, limit);
        expect(kept.length).toBe(Math.min(points.length, limit));
        expect(new Set(kept).size).toBe(kept.length);
        expect(kept.every((point) => points.includes(point))).toBe(true);
      }),
    );
  });
});

describe('charts', () => {
  const chart = lineChart({
    title: 'loss <&> "curve"',
    x: { label: 'step' },
    y: { label: 'loss' },
    series: [
      {
        name: 'train',
        points: [
          [0, 1],
          [1, 0.5],
          [2, NaN],
          [3, 0.25],
        ],
      },
      { name: 'validation', points: [[0, 1.1]] },
    ],
  });

  it('is well-formed XML without a number that is not one, the same bytes each time', () => {
    const svg = svgDocument('a & b', [chart, chart]);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(svg).toContain('loss &lt;&amp;&gt; &quot;curve&quot;');
    const opened = svg.match(/<[a-z]+\b(?![^>]*\/>)/g)?.length;
    expect(svg.match(/<\/[a-z]+>/g)?.length).toBe(opened);
    expect(svgDocument('a & b', [chart])).toBe(svgDocument('a & b', [chart]));
    expect(svg).toContain('prefers-color-scheme:dark');
  });

  it('draws a line for several points and a dot for one', () => {
    expect(chart.body.match(/<polyline class="line"/g)).toHaveLength(1);
    expect(chart.body.match(/<circle/g)).toHaveLength(1);
  });

  it('stays drawable without any data', () => {
    const empty = lineChart({
      title: 't',
      x: { label: 'x' },
      y: { label: 'y' },
      series: [{ name: 's', points: [] }],
    });
    expect(empty.body).not.toMatch(/NaN|Infinity/);
  });
});

it('escapeXml leaves nothing that XML forbids', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const escaped = escapeXml(text);
      expect(escaped).not.toMatch(/[<>"]|&(?!(amp|lt|gt|quot);)|\p{Cc}|\p{Cs}/u);
    }),
  );
});
