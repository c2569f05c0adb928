import fc from 'fast-check';
import { parseOpenMetrics, type ParsedSample } from '../openmetrics/openmetrics.fixture';
import { evaluationMetrics } from './evaluation-metrics';
import { binaryFailed, customWithoutGates, gatedModels, withTexts } from './gated-model.fixture';

function samples(text: string, name: string): ParsedSample[] {
  return [...(parseOpenMetrics(text).find((family) => family.name === name)?.samples ?? [])];
}

it('has each metric with its bounds, beside those of the baselines', () => {
  const text = evaluationMetrics(binaryFailed());
  const rocAuc = (name: string) =>
    samples(text, name)
      .filter(({ labels }) => labels['metric'] === 'roc-auc')
      .map(({ value }) => value);
  expect(rocAuc('nx_mlops_metric')).toEqual([0.7312]);
  expect(rocAuc('nx_mlops_metric_low')[0]).toBeLessThan(0.7312);
  expect(rocAuc('nx_mlops_metric_high')[0]).toBeGreaterThan(0.7312);
  expect(samples(text, 'nx_mlops_baseline_metric')[0]).toEqual({
    name: 'nx_mlops_baseline_metric',
    labels: { model: 'flight-delay', split: 'flights:test', baseline: 'production', metric: 'roc-auc' },
    value: 0.7466,
  });
  expect(rocAuc('nx_mlops_featureless_metric')).toEqual([0.5]);
});

it('has latency in seconds, size in bytes, and whether the gates passed', () => {
  const text = evaluationMetrics(binaryFailed());
  expect(
    samples(text, 'nx_mlops_latency_seconds').map(({ labels, value }) => [labels['quantile'], value]),
  ).toEqual([
    ['0.5', 0.0000412],
    ['0.95', 0.0000894],
    ['0.99', 0.000213],
  ]);
  expect(samples(text, 'nx_mlops_model_size_bytes').map(({ value }) => value)).toEqual([48_213]);
  expect(samples(text, 'nx_mlops_throughput').map(({ value }) => value)).toEqual([412_334.2]);
  expect(samples(text, 'nx_mlops_gates_passed').map(({ value }) => value)).toEqual([0]);
});

it('leaves out what is not defined', () => {
  const names = samples(evaluationMetrics(customWithoutGates()), 'nx_mlops_metric').map(
    ({ labels }) => labels['metric'],
  );
  expect(names).toEqual(['word-error-rate']);
});

it('holds to the grammar for every task, whatever the texts', () => {
  for (const model of Object.values(gatedModels)) parseOpenMetrics(evaluationMetrics(model()));
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      parseOpenMetrics(evaluationMetrics(withTexts(binaryFailed(), text)));
    }),
    { numRuns: 30 },
  );
});
