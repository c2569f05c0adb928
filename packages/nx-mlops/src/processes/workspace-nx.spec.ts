import tmp from 'tmp';
import { workspaceWithNx } from './nx-workspace.fixture';
import { workspaceNx } from './workspace-nx';

tmp.setGracefulCleanup();
const signal = new AbortController().signal;

describe('workspaceNx', () => {
  it('that fails is quoted, with what most likely is the matter in CI', async () => {
    const root = workspaceWithNx('console.error("fatal: no merge base"); process.exit(1);');
    const answer = workspaceNx(root, signal)(['show', 'projects', '--affected']);
    await expect(answer).rejects.toMatchObject({
      code: 'MLOPS_NX_FAILED',
      message: expect.stringMatching(/fatal: no merge base.*fetch-depth: 0/),
    });
  });

  it('that is not installed is asked for', () => {
    const root = tmp.dirSync({ unsafeCleanup: true }).name;
    expect(() => workspaceNx(root, signal)).toThrow(/Run npm ci first/);
  });
});
