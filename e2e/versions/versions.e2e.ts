import { nxLines } from '../../tools/workspace/create-workspace.mjs';
import { workspaceFor } from '../support';

/** Every line of Nx that we support, with the daemon and without: generate, deploy, and nothing left to do. */
describe.each(Object.keys(nxLines))('nx %s', (line) => {
  it.each([
    ['with the daemon', true],
    ['without the daemon', false],
  ])('generates and deploys the sample %s', async (title, daemon) => {
    const workspace = await workspaceFor(`nx ${line} ${title}`, {
      line: line as keyof typeof nxLines,
      daemon,
    });
    try {
      await workspace.mustNx(['g', 'nx-mlops:init']);
      await workspace.mustNx(['g', 'nx-mlops:model', 'demo', '--sample', '--no-interactive']);
      await workspace.commit('A model');
      const first = await workspace.mustNx(['run', 'demo:deploy']);
      expect(first.output).toMatch(/accuracy/);
      const second = await workspace.mustNx(['run', 'demo:deploy']);
      expect(second.output).toMatch(/version \d+ already/);
      expect(second.output).toMatch(/nx run demo:train\s+\[.*cache/);
    } finally {
      await workspace.stop();
    }
  });
});
