import { MlopsError } from '@nx-mlops/core';
import { ok } from './finding';
import { runChecks } from './run-checks';
import { lookAround, type Check } from './surroundings';
import { workspaceWith } from './examine.fixture';

const check = (name: string, run: Check['run']): Check => ({ name, run });

it('keeps a check that hangs, and one that throws, away from the others', async () => {
  let aborted = false;
  const found = await runChecks(
    [
      check('hangs', (_, signal) => {
        signal.addEventListener('abort', () => (aborted = true));
        return new Promise(() => undefined);
      }),
      check('throws', () => Promise.reject(new Error('oh'))),
      check('throws at once', () => {
        throw new TypeError('no');
      }),
      check('refuses', () => Promise.reject(new MlopsError('MLOPS_X', 'is wrong. Mend it.', { file: 'a' }))),
      check('is well', () => Promise.resolve([ok('one', 'a'), ok('two', 'b')])),
    ],
    await lookAround({ workspaceRoot: workspaceWith(), env: {} }),
    50,
  );
  expect(found.map(({ name, verdict, found: what }) => [name, verdict, what])).toEqual([
    ['hangs', 'problem', 'no answer within 0.05 s'],
    ['throws', 'problem', 'this check failed: oh'],
    ['throws at once', 'problem', 'this check failed: no'],
    ['refuses', 'problem', 'a: is wrong. Mend it.'],
    ['one', 'ok', 'a'],
    ['two', 'ok', 'b'],
  ]);
  expect(aborted).toBe(true);
});

it('runs them at once', async () => {
  let running = 0;
  let most = 0;
  const slow = check('slow', async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 20));
    running--;
    return [];
  });
  await runChecks([slow, slow, slow], await lookAround({ workspaceRoot: workspaceWith(), env: {} }));
  expect(most).toBe(3);
});

it('passes no value of a secret on, whoever said it', async () => {
  const env = { GITLAB_TOKEN: 'glpat-12345', A_PASSWORD: 'hunter22', PLAIN: 'shown-value' };
  const [finding] = await runChecks(
    [check('leaks', () => Promise.reject(new Error('glpat-12345 hunter22 shown-value https://u:p@host/x')))],
    await lookAround({ workspaceRoot: workspaceWith(), env }),
  );
  expect(finding?.found).toBe('this check failed: *** *** shown-value https://***@host/x');
});
