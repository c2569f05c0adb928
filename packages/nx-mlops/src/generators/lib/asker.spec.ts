import { terminalAsker } from './asker';

describe('terminalAsker', () => {
  it.each([
    ['at a terminal', { NX_INTERACTIVE: 'true' }, true, true],
    ['with --no-interactive', { NX_INTERACTIVE: 'false' }, true, false],
    ['outside nx generate', {}, true, false],
    ['in CI', { NX_INTERACTIVE: 'true', CI: 'true' }, true, false],
    ['in a pipe', { NX_INTERACTIVE: 'true' }, false, false],
  ])('%s', (_title, env, isTerminal, asks) => {
    expect(terminalAsker(env, isTerminal) !== undefined).toBe(asks);
  });
});
