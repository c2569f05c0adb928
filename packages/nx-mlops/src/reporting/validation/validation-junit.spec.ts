import fc from 'fast-check';
import { elementsOf, parseMarkup, textOf, type Element } from '../html/markup.fixture';
import { validationJunit } from '../validation-report';
import { check, hostile, numberColumn, profileOf, validationOf } from './validation-report.fixture';

const validation = validationOf(
  check({ column: 'distance' }),
  check({
    verdict: 'fail',
    check: 'minimum',
    column: 'distance',
    because: '2 rows are below 0',
    failingRows: 2,
    examples: [{ row: 7, values: { distance: -3, origin: null } }],
    measured: -3,
    limit: 0,
  }),
  check({
    verdict: 'warn',
    split: 'test',
    check: 'skew',
    because: 'differs from train',
    measured: 0.3,
    limit: 0.2,
  }),
  check({ verdict: 'info', split: 'test', check: 'skew', because: 'differs a little' }),
  check({ verdict: 'skip', split: 'test', check: 'overlap', because: 'there is no key' }),
);

it('writes a suite for each split and a case for each check', () => {
  const root = parseMarkup(validationJunit(validation, [profileOf('train', numberColumn('distance', [3]))]));
  expect(root.attributes).toEqual({
    name: 'flights',
    tests: '5',
    failures: '1',
    errors: '0',
    skipped: '1',
    time: '0',
  });
  expect(elementsOf(root, 'testsuite').map(({ attributes }) => attributes)).toEqual([
    { name: 'flights.train', tests: '2', failures: '1', errors: '0', skipped: '0', time: '0' },
    { name: 'flights.test', tests: '3', failures: '0', errors: '0', skipped: '1', time: '0' },
  ]);
  expect(
    elementsOf(root, 'testcase').map(({ attributes }) => [attributes['classname'], attributes['name']]),
  ).toEqual([
    ['flights.train', 'missing distance'],
    ['flights.train', 'minimum distance'],
    ['flights.test', 'skew'],
    ['flights.test', 'skew (2)'],
    ['flights.test', 'overlap'],
  ]);
  expect(elementsOf(root, 'property').map(({ attributes }) => attributes['name'])).toEqual([
    'rows',
    'sha256',
  ]);
});

it('tells failures with example rows, lets warnings pass with what they found, and skips what was not judged', () => {
  const root = parseMarkup(validationJunit(validation, []));
  expect(elementsOf(root, 'failure').map(({ attributes }) => attributes)).toEqual([
    { message: '2 rows are below 0', type: 'minimum' },
  ]);
  expect(elementsOf(root, 'failure').map(textOf)).toEqual([
    '2 rows are below 0\nRows that break it: 2\nmeasured -3, limit 0\n1 example row:\nrow 7: distance=-3, origin=null',
  ]);
  expect(elementsOf(root, 'system-out').map(textOf)).toEqual([
    'Warning: differs from train\nmeasured 0.3, limit 0.2',
    'Info: differs a little',
  ]);
  expect(elementsOf(root, 'skipped').map(({ attributes }) => attributes)).toEqual([
    { message: 'there is no key' },
  ]);
});

it('holds to the elements and attributes, and their order, of the schemas of Jenkins and GitLab', () => {
  const root = parseMarkup(validationJunit(validation, [profileOf('train', numberColumn('distance', [3]))]));
  const allowed: Record<string, { attributes: string[]; children: string[] }> = {
    testsuites: {
      attributes: ['name', 'time', 'tests', 'failures', 'errors', 'skipped'],
      children: ['testsuite'],
    },
    testsuite: {
      attributes: [
        'name',
        'tests',
        'failures',
        'errors',
        'time',
        'skipped',
        'timestamp',
        'hostname',
        'id',
        'package',
      ],
      children: ['properties', 'testcase', 'system-out', 'system-err'],
    },
    properties: { attributes: [], children: ['property'] },
    property: { attributes: ['name', 'value'], children: [] },
    testcase: {
      attributes: ['name', 'classname', 'time'],
      children: ['skipped', 'error', 'failure', 'system-out', 'system-err'],
    },
    failure: { attributes: ['message', 'type'], children: [] },
    skipped: { attributes: ['message', 'type'], children: [] },
    'system-out': { attributes: [], children: [] },
  };
  const walk = (element: Element) => {
    const rule = allowed[element.name];
    expect(rule).toBeDefined();
    for (const name of Object.keys(element.attributes)) expect(rule?.attributes).toContain(name);
    const places = element.children.flatMap((child) =>
      typeof child === 'string' ? [] : [rule?.children.indexOf(child.name)],
    );
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => Number(a) - Number(b)));
    for (const child of element.children) if (typeof child !== 'string') walk(child);
  };
  walk(root);
});

it('is well-formed whatever the texts hold', () => {
  fc.assert(
    fc.property(fc.oneof(fc.constant(hostile), fc.string({ unit: 'binary' })), (text) => {
      const root = parseMarkup(
        validationJunit(
          {
            ...validationOf(
              ...(['fail', 'warn', 'skip', 'pass'] as const).map((verdict) =>
                check({
                  check: text,
                  split: text,
                  column: text,
                  because: text,
                  verdict,
                  examples: [{ row: 1, values: { [text]: text } }],
                }),
              ),
            ),
            dataset: text,
          },
          [],
        ),
      );
      expect(elementsOf(root, 'testcase')).toHaveLength(4);
    }),
  );
});
