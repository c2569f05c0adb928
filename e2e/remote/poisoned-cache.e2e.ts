import { cp, mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Workspace } from '../../tools/workspace/create-workspace.mjs';
import { mustRun } from '../../tools/workspace/run.mjs';
import { repository } from '../../tools/workspace/tarballs.mjs';
import { taskOutcomes, workspaceFor } from '../support';
import { CacheServerProcess, pullRequestToken, trustedToken } from './cache-server-process';

/** Clones as CI agents before one cache server: agents of the main branch trust each other, and no pull request. */
describe('a cache that a pull request writes to', () => {
  const store = join(repository, 'tmp/e2e/a shared cache');
  let main: Workspace;
  let server: CacheServerProcess;

  beforeAll(async () => {
    await rm(store, { recursive: true, force: true });
    main = await workspaceFor('cache of main', { daemon: false });
    await main.mustNx(['g', 'nx-mlops:init']);
    await main.mustNx(['g', 'nx-mlops:model', 'demo', '--sample', '--no-interactive']);
    await main.commit('A model');
    server = await CacheServerProcess.start(main, store);
    Object.assign(main.env, server.env(trustedToken));
  }, 900_000);
  afterAll(async () => {
    expect(await server.stop()).toBe(0);
  });

  async function agent(name: string, token: string): Promise<Workspace> {
    const folder = join(repository, 'tmp/e2e', `cache agent ${name}`, 'clone');
    await rm(folder, { recursive: true, force: true });
    await mkdir(join(folder, '..'), { recursive: true });
    await mustRun('git', ['clone', '-q', main.folder, folder]);
    await mustRun('cp', ['-al', main.path('node_modules'), folder]).catch(() =>
      cp(main.path('node_modules'), join(folder, 'node_modules'), { recursive: true }),
    );
    const clone = new Workspace(folder, false, false);
    Object.assign(clone.env, server.env(token));
    return clone;
  }

  const evaluate = async (clone: Workspace) =>
    new Set(Object.values(taskOutcomes((await clone.mustNx(['run', 'demo:evaluate'])).output)));
  const model = (clone: Workspace) => readFile(clone.path('demo/.mlops/model/model.onnx'));
  const hashes = () => readdir(join(store, 'trusted'));

  it('gives main nothing of what a pull request has built, nor another pull request', async () => {
    expect(await evaluate(await agent('pr 1', `${pullRequestToken}.pr-1`))).toEqual(new Set(['ran']));
    expect(await evaluate(await agent('pr 1 again', `${pullRequestToken}.pr-1`))).toEqual(
      new Set(['cached']),
    );
    expect(await evaluate(await agent('pr 2', `${pullRequestToken}.pr-2`))).toEqual(new Set(['ran']));
    expect(await evaluate(main)).toEqual(new Set(['ran']));
  });

  it('gives what one agent of main trained to another, byte for byte', async () => {
    const other = await agent('main', trustedToken);
    expect(await evaluate(other)).toEqual(new Set(['cached']));
    expect((await model(other)).equals(await model(main))).toBe(true);
  });

  it('gives it to a pull request, too, which can put nothing in its place', async () => {
    const clone = await agent('pr 3', `${pullRequestToken}.pr-3`);
    expect(await evaluate(clone)).toEqual(new Set(['cached']));
    for (const hash of await hashes()) {
      const { status } = await fetch(server.entry(hash), {
        method: 'PUT',
        body: 'poison',
        headers: { authorization: `Bearer ${pullRequestToken}.pr-3` },
      });
      expect(status).toBe(409);
    }
    const after = await agent('main after', trustedToken);
    expect(await evaluate(after)).toEqual(new Set(['cached']));
    expect((await model(after)).equals(await model(main))).toBe(true);
  });
});
