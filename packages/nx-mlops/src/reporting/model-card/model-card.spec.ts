import { parse } from 'yaml';
import {
  binaryFailed,
  customWithoutGates,
  gatedModels,
  ranking,
  regression,
  withTexts,
} from '../evaluation/gated-model.fixture';
import { hostile } from '../validation/validation-report.fixture';
import { modelCard } from './model-card';

/** The fields of modelcard.md of huggingface/hub-docs, required ones marked. */
const documented = {
  task: ['type!', 'name'],
  dataset: ['type!', 'name!', 'config', 'split', 'revision', 'args'],
  metric: ['type!', 'value!', 'name', 'config', 'args', 'verified'],
};

interface Result {
  readonly task: object;
  readonly dataset: object;
  readonly metrics: readonly { readonly type: string; readonly value: unknown }[];
}
interface FrontMatter {
  readonly [key: string]: unknown;
  readonly 'model-index'?: readonly { readonly name: string; readonly results: readonly Result[] }[];
}

function frontMatterOf(card: string): FrontMatter {
  const [, yaml] = /^---\n([\s\S]*?)\n---\n/.exec(card) ?? [];
  return parse(yaml ?? '') as FrontMatter;
}

function expectDocumented(item: object, fields: readonly string[]): void {
  for (const key of Object.keys(item)) expect(fields.map((field) => field.replace('!', ''))).toContain(key);
  for (const field of fields) if (field.endsWith('!')) expect(item).toHaveProperty([field.slice(0, -1)]);
}

it.each(Object.entries(gatedModels))('has the fields that the Hub documents: %s', (_, model) => {
  const data = frontMatterOf(modelCard(model()));
  for (const key of Object.keys(data)) {
    expect(['library_name', 'pipeline_tag', 'tags', 'model-index']).toContain(key);
  }
  for (const { name, results } of data['model-index'] ?? []) {
    expect(name).toBe(model().manifest.model);
    for (const { task, dataset, metrics } of results) {
      expectDocumented(task, documented.task);
      expectDocumented(dataset, documented.dataset);
      expect(metrics.length).toBeGreaterThan(0);
      for (const metric of metrics) {
        expectDocumented(metric, documented.metric);
        expect(typeof metric.value).toBe('number');
      }
    }
  }
});

it('names tasks and metrics as the Hub does, and claims neither a license nor a task that it does not know', () => {
  const binary = frontMatterOf(modelCard(binaryFailed()));
  expect(binary['pipeline_tag']).toBe('tabular-classification');
  expect(binary['model-index']?.[0]?.results[0]?.metrics[0]).toEqual({
    type: 'roc_auc',
    value: 0.7312,
    name: 'roc-auc',
  });
  expect(frontMatterOf(modelCard(regression()))['pipeline_tag']).toBe('tabular-regression');
  const order = frontMatterOf(modelCard(ranking()));
  expect(order).not.toHaveProperty('pipeline_tag');
  expect(order).not.toHaveProperty('license');
});

it('tells how the model was trained, on which data, and what its columns hold', () => {
  const card = modelCard(binaryFailed());
  expect(card).toContain('Whether a flight lands more than 15 minutes late');
  expect(card).toContain('| learning-rate | 0.01 |');
  expect(card).toContain('| seed | 7 |');
  expect(card).toMatch(/\| train \| flights:train \| 120,000 \| [0-9a-f]{64} \|/);
  expect(card).toContain('| distance | number | 0.2 % | 31 to 4983, mean 727.4 | – |');
  expect(card).toContain('| origin | string | 0 % | – | EWR 36 %, JFK 33 %, LGA 30 % |');
  expect(card).toContain('| late | target | 0 % | – | false 78 %, true 22 % |');
});

it('tells how good it is, for whom, and where not to trust it', () => {
  const card = modelCard(binaryFailed());
  expect(card).toMatch(/\| roc-auc \| 0\.7312 \| 0\.7151 to 0\.7473 \| 0\.7466 \|/);
  expect(card).toMatch(/## Limits of use\n\n- The slice origin = \(missing\) has 31 rows/);
  expect(card).toContain(
    '- Worse than elsewhere, or not shown to be good enough, on origin = EWR, hour = 23.',
  );
  expect(card).toContain('### Fairness by carrier\\_group');
  expect(card).toContain('| ❌ failed | roc-auc versus production |');
});

it('makes do without a profile, a run record and performance', () => {
  const card = modelCard(customWithoutGates());
  expect(card).toContain('| distance | number |');
  expect(card).toContain('| epochs | 5 |');
  expect(card).not.toContain('Figures are of');
  expect(card).toContain('No gates are configured');
});

it('lets no text leave its place, in YAML or in Markdown', () => {
  for (const text of [hostile, 'a\n---\nb: c', ': # | - @x', '<b>', '"', "'"]) {
    const card = modelCard(withTexts(binaryFailed(), text));
    expect(Object.keys(frontMatterOf(card))).toEqual(['library_name', 'pipeline_tag', 'tags', 'model-index']);
    expect(card.replace(/^---\n[\s\S]*?\n---\n/, '')).not.toMatch(/[^\\]<(b|script)>/);
    expect(card.match(/^---$/gm)).toHaveLength(2);
  }
});
