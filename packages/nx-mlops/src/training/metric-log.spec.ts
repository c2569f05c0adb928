import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import tmp from 'tmp';
import { finalMetrics, followLines, parseMetricLine, parseMetricLog } from './metric-log';

tmp.setGracefulCleanup();

describe('parseMetricLine', () => {
  it.each([
    ['{"step":3,"loss":0.41}', { step: 3, metrics: { loss: 0.41 } }],
    ['{"step":0,"steps":5,"rows":100,"auc":1}', { step: 0, steps: 5, rows: 100, metrics: { auc: 1 } }],
    ['{"step":1,"note":"hi","ok":true}', { step: 1, metrics: {} }],
    ['{"step":1,"loss":NaN,"x":-Infinity}', { step: 1, metrics: { loss: NaN, x: -Infinity } }],
    ['{"step":1,"a NaN \\" Infinity":2}', { step: 1, metrics: { 'a NaN " Infinity': 2 } }],
  ])('reads %s', (text, step) => {
    expect(parseMetricLine(text)).toEqual({ kind: 'step', step });
  });

  it.each(['', 'loss 0.4', '{"loss":1}', '{"step":-1}', '{"step":1.5}', '[1]', '{"step":1', 'null'])(
    'does not take %j for a step',
    (text) => expect(parseMetricLine(text).kind).toBe('broken'),
  );

  it('never throws, whatever a script writes', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseMetricLine(text);
      }),
    );
  });

  it('gives back what JSON wrote', () => {
    const name = fc.string().filter((key) => !['step', 'steps', 'rows', '__proto__'].includes(key));
    const value = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.nat(), fc.dictionary(name, value, { noNullPrototype: true }), (step, metrics) => {
        const parsed = parseMetricLine(JSON.stringify({ step, ...metrics }));
        const written = JSON.parse(JSON.stringify(metrics)) as Record<string, number>;
        expect(parsed).toEqual({ kind: 'step', step: { step, metrics: written } });
      }),
    );
  });
});

it('takes the last finite value of each metric, also where the last line lacks it', () => {
  const { steps, broken } = parseMetricLog(
    '{"step":0,"loss":2,"auc":0.5}\n\noops\n{"step":1,"loss":1}\n{"step":2,"loss":NaN}',
  );
  expect(finalMetrics(steps)).toEqual({ loss: 1, auc: 0.5 });
  expect(broken).toBe(1);
});

describe('followLines', () => {
  it('gives each line once, whole, as the file grows, and begins anew with a shorter file', async () => {
    const file = join(tmp.dirSync({ unsafeCleanup: true }).name, 'log');
    const next = followLines(file);
    expect(await next()).toEqual([]);
    writeFileSync(file, 'one\ntw');
    expect(await next()).toEqual(['one']);
    expect(await next()).toEqual([]);
    const bytes = Buffer.from('o ä\nthree\n');
    appendFileSync(file, bytes.subarray(0, 3));
    expect(await next()).toEqual([]);
    appendFileSync(file, bytes.subarray(3));
    expect(await next()).toEqual(['two ä', 'three']);
    writeFileSync(file, 'new\n');
    expect(await next()).toEqual(['new']);
  });
});
