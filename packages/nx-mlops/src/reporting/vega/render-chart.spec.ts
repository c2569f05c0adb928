import { elementsOf, parseMarkup, textOf } from '../html/markup.fixture';
import { renderChart, type VegaChart } from './render-chart';

const line: VegaChart = {
  id: 'roc',
  title: 'ROC <curve>',
  description: 'rises',
  spec: {
    width: 280,
    height: 200,
    data: {
      values: [
        { x: 0, y: 0, model: 'a<b & "c"' },
        { x: 1, y: 1, model: 'a<b & "c"' },
      ],
    },
    mark: 'line',
    encoding: {
      x: { field: 'x', type: 'quantitative' },
      y: { field: 'y', type: 'quantitative' },
      color: { field: 'model', type: 'nominal' },
    },
  },
};

it('draws an element that a page can hold: no file header, no font, no address', async () => {
  const svg = await renderChart(line);
  expect(svg).not.toMatch(/http|xmlns|font-family|NaN|undefined/);
  const root = parseMarkup(svg);
  expect(root.attributes['aria-labelledby']).toBe('roc-t roc-d');
  expect(elementsOf(root, 'title').map(textOf)).toEqual(['ROC <curve>']);
  expect(elementsOf(root, 'text').map(textOf)).toContain('a<b & "c"');
  expect(elementsOf(root, 'path').some(({ attributes }) => attributes['stroke'] === '#2f6fde')).toBe(true);
});

it('gives the same bytes whatever was drawn before', async () => {
  const first = await renderChart(line);
  const clipped = { ...line, spec: { ...line.spec, mark: { type: 'line', clip: true } } } as VegaChart;
  const [one, two] = [await renderChart(clipped), await renderChart(clipped)];
  expect(one).toBe(two);
  expect(one).toContain('url(#roc-0)');
  expect(await renderChart(line)).toBe(first);
});
