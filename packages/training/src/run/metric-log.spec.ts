import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dirSync } from 'tmp';
import { metricLineSchema } from '@nx-mlops/core';
import { MetricLog } from './metric-log';

const newFile = () => join(dirSync({ unsafeCleanup: true }).name, 'metrics.jsonl');

describe('MetricLog', () => {
  test('has each line on disk at once', () => {
    const file = newFile();
    const log = new MetricLog(file);
    log.append({ step: 0, loss: 0.7 });
    log.append({ step: 0, loss: 0.6 });
    log.append({ step: 3, steps: 9, rows: 128, loss: 0.41 });
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => metricLineSchema.parse(JSON.parse(line)))).toEqual([
      { step: 0, loss: 0.7 },
      { step: 0, loss: 0.6 },
      { step: 3, steps: 9, rows: 128, loss: 0.41 },
    ]);
  });

  test.each([
    ['a step that falls', { step: 1 }, 'has step 1; steps are whole numbers and never fall (the last was 2)'],
    ['a step between two', { step: 2.5 }, 'has step 2.5'],
    ['a loss that is NaN', { step: 3, loss: NaN }, 'The metric "loss" is NaN at step 3'],
    ['an infinite loss', { step: 3, loss: Infinity }, 'The metric "loss" is Infinity at step 3'],
    ['a text', { step: 3, loss: 'low' }, 'The metric "loss" is low at step 3, not a finite number.'],
  ])('refuses %s and writes nothing', (_what, line, message) => {
    const log = new MetricLog(newFile());
    log.append({ step: 2 });
    expect(() => log.append(line)).toThrow(message);
    expect(log.content).toBe('{"step":2}\n');
  });

  test('goes on from what an interrupted run logged', () => {
    const file = newFile();
    const log = new MetricLog(file);
    log.restore('{"step":1}\n{"step":4}\n');
    expect(() => log.append({ step: 3 })).toThrow('the last was 4');
    log.append({ step: 5 });
    expect(readFileSync(file, 'utf8')).toBe('{"step":1}\n{"step":4}\n{"step":5}\n');
  });
});
