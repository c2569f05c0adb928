import fc from 'fast-check';
import { elementsOf, parseMarkup, textOf } from '../html/markup.fixture';
import { hostile } from '../validation/validation-report.fixture';
import { evaluationJunit } from './evaluation-junit';
import {
  binaryFailed,
  customWithoutGates,
  gate,
  multiclass,
  reportOf,
  withTexts,
} from './gated-model.fixture';

it('fails the cases that block the build and no other', () => {
  const root = parseMarkup(evaluationJunit(binaryFailed()));
  expect(root.attributes).toEqual({
    name: 'flight-delay',
    tests: '10',
    failures: '2',
    errors: '0',
    skipped: '2',
    time: '0',
  });
  const cases = elementsOf(root, 'testcase');
  expect(cases.every(({ attributes }) => attributes['classname'] === 'flight-delay')).toBe(true);
  expect(
    cases
      .filter((item) => elementsOf(item, 'failure').length > 0)
      .map(({ attributes }) => attributes['name']),
  ).toEqual(['roc-auc versus production', 'roc-auc >= 0.66 on origin=EWR']);
  expect(elementsOf(root, 'failure').map(({ attributes }) => attributes['type'])).toEqual([
    'versus',
    'limit',
  ]);
  expect(elementsOf(root, 'skipped').map(({ attributes }) => attributes['message'])).toEqual([
    '31 rows are fewer than the 50 that a judgement needs.',
    'Nothing was released yet.',
  ]);
});

it('tells of a comparison its figures, and of what only warns that it does', () => {
  const root = parseMarkup(evaluationJunit(binaryFailed()));
  expect(textOf(elementsOf(root, 'failure')[0]!)).toContain(
    'difference: −0.0154 (−0.0231 to −0.0077) at a margin of 0.005, delong, p 0.001',
  );
  const outputs = elementsOf(root, 'system-out').map(textOf);
  expect(outputs[0]).toMatch(/^Warning: inconclusive: It may be worse than production v12/);
  expect(outputs[1]).toMatch(/^Info: 0\.0894 ms is above 0\.05 ms\./);
  expect(outputs[2]).toBe(
    'Warning: The slice origin = (missing) has 31 rows: its figures are rough.\nWarning: Scores above 0.6 are too high by 0.08 on average.',
  );
});

it('fails an undecided gate that blocks, and says that it is undecided', () => {
  const [failure] = elementsOf(parseMarkup(evaluationJunit(multiclass())), 'failure');
  expect(failure?.attributes['message']).toMatch(/^inconclusive: 0\.8567 is at or above 0\.85/);
});

it('passes a failed gate that only warns', () => {
  const input = binaryFailed();
  const gates = [gate({ verdict: 'fail', severity: 'warn', effect: 'warn', because: 'too low' })];
  const root = parseMarkup(evaluationJunit({ ...input, report: reportOf(input.evaluation, gates) }));
  expect(root.attributes['failures']).toBe('0');
  expect(textOf(elementsOf(root, 'system-out')[0]!)).toMatch(/^Warning: too low\n/);
});

it('has the metrics as properties, and one skipped case where there are no gates', () => {
  const root = parseMarkup(evaluationJunit(customWithoutGates()));
  expect(
    elementsOf(root, 'property').map(({ attributes }) => [attributes['name'], attributes['value']]),
  ).toEqual(
    expect.arrayContaining([
      ['test', 'flights:test'],
      ['word-error-rate', '0.0831'],
      ['real-time-factor', 'undefined'],
    ]),
  );
  expect(root.attributes).toMatchObject({ tests: '1', skipped: '1', failures: '0' });
});

it('is well-formed whatever the texts hold, with a name of its own for each case', () => {
  fc.assert(
    fc.property(fc.oneof(fc.constant(hostile), fc.string({ unit: 'binary' })), (text) => {
      const cases = elementsOf(parseMarkup(evaluationJunit(withTexts(binaryFailed(), text))), 'testcase');
      expect(new Set(cases.map(({ attributes }) => attributes['name'])).size).toBe(10);
    }),
    { numRuns: 50 },
  );
});
