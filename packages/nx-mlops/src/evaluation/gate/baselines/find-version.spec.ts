import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  MlopsError,
  mlopsConfigSchema,
  openRegistry,
  sha256OfBytes,
  type Provenance,
  type Registry,
} from '@nx-mlops/core';
import tmp from 'tmp';
import { findVersion, type FoundVersion } from './find-version';
import { gitIn } from './git';
import { gitRepository, type GitRepository } from './git-repository.fixture';
import { findMergeBase } from './merge-base';

tmp.setGracefulCleanup();

const mlops = mlopsConfigSchema.parse({ environments: [{ name: 'staging' }, { name: 'production' }] });

interface Bench {
  readonly repository: GitRepository;
  readonly registry: Registry;
  /** Registers another version. */
  readonly register: (provenance: Provenance) => Promise<number>;
  readonly find: (name: string, options?: { folder?: string; base?: string }) => Promise<FoundVersion>;
}

function bench(): Bench {
  const root = tmp.dirSync({ unsafeCleanup: true }).name;
  const folder = join(root, 'a workspace');
  mkdirSync(folder);
  const repository = gitRepository(folder);
  const registry = openRegistry(`file:${join(root, 'registry')}`, root);
  let count = 0;
  return {
    repository,
    registry,
    async register(provenance) {
      const content = `model ${(count += 1)}`;
      const file = join(root, 'model.onnx');
      writeFileSync(file, content);
      const sha256 = sha256OfBytes(content);
      const tensor = { name: 'x', type: 'float32', shape: [-1] } as const;
      const { version } = await registry.registerVersion({
        model: 'late',
        files: { 'model.onnx': file },
        manifest: {
          version: 1,
          model: 'late',
          task: 'regression',
          file: { sha256, size: content.length },
          features: [{ name: 'x', type: 'number' }],
          target: 'y',
          inputLayout: 'columns',
          inputs: [{ ...tensor, shape: [-1] }],
          outputs: [{ ...tensor, name: 'y', shape: [-1] }],
          scoreOutput: 'y',
          datasets: {},
        },
        metrics: {},
        gates: {
          version: 2,
          model: 'late',
          modelSha256: sha256,
          evaluationSha256: sha256,
          passed: true,
          verdict: 'pass',
          gates: [],
          baselines: [],
        },
        provenance,
        actor: 'ann',
      });
      return version.version;
    },
    async find(name, { folder: at = folder, base = 'main' } = {}) {
      const git = gitIn(at);
      const revision = { candidates: [base, `origin/${base}`], from: '--base' };
      const state = await registry.state('late');
      return findVersion(name, {
        registry,
        mlops,
        state,
        git,
        mergeBase: () => findMergeBase(git, revision),
      });
    },
  };
}

const versionOf = (found: FoundVersion) => ('none' in found ? found.none : found.version.version);

describe('an environment', () => {
  it('means what it serves now, and last-release what the last one serves', async () => {
    const { registry, register, find, repository } = bench();
    repository.commit('one');
    expect(versionOf(await find('staging'))).toBe('staging serves no version of this model yet.');
    expect(versionOf(await find('last-release'))).toMatch(
      /^Nothing is released yet: production serves no version/,
    );
    for (const environment of ['staging', 'production']) {
      const version = await register({});
      await registry.deploy({ model: 'late', environment, version, actor: 'ann' });
    }
    expect(versionOf(await find('staging'))).toBe(1);
    expect(versionOf(await find('production'))).toBe(2);
    expect(versionOf(await find('last-release'))).toBe(2);
  });

  it('that there is none of is an error that names the nearest', async () => {
    const error = await bench()
      .find('prodution')
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MlopsError);
    expect((error as MlopsError).code).toBe('MLOPS_UNKNOWN_BASELINE');
    expect((error as MlopsError).message).toMatch(
      /"prodution", which is no environment.*Did you mean "production"\?/,
    );
  });
});

describe('merge-base', () => {
  it('means the newest version that was registered at the merge base or before it', async () => {
    const { repository, register, find } = bench();
    const [first, second] = [repository.commit('one'), repository.commit('two')];
    await register({ registeredCommit: first });
    await register({ registeredCommit: second });
    repository.git('checkout', '-q', '-b', 'feature');
    const own = repository.commit('work');
    await register({ registeredCommit: own });
    repository.git('checkout', '-q', 'main');
    await register({ registeredCommit: repository.commit('three') });
    repository.git('checkout', '-q', 'feature');

    const found = await find('merge-base');
    expect(versionOf(found)).toBe(2);
    expect('because' in found && found.because).toBe(
      `Version 2 was registered at the merge base ${second.slice(0, 12)}, at ${second.slice(0, 12)}.`,
    );
  });

  it('goes by the commit of the registration: that of the training was squashed away', async () => {
    const { repository, register, find } = bench();
    repository.commit('one');
    repository.git('checkout', '-q', '-b', 'feature');
    const trained = repository.commit('work');
    repository.git('checkout', '-q', 'main');
    repository.git('merge', '-q', '--squash', 'feature');
    repository.git('commit', '-qm', 'work, squashed');
    const squashed = repository.git('rev-parse', 'HEAD');
    await register({ commit: trained, registeredCommit: squashed });
    // As an older nx-mlops registered it: only the commit of the training, which main does not hold.
    await register({ commit: trained });
    repository.git('checkout', '-q', '-b', 'next');
    repository.commit('next');
    expect(versionOf(await find('merge-base'))).toBe(1);
  });

  it('takes the commit of the training where there is no other, and passes over versions without one', async () => {
    const { repository, register, find } = bench();
    const first = repository.commit('one');
    await register({ commit: first });
    await register({});
    expect(versionOf(await find('merge-base'))).toBe(1);
  });

  it('passes over what a whole clone does not know', async () => {
    const { repository, register, find } = bench();
    const first = repository.commit('one');
    await register({ registeredCommit: first });
    await register({ registeredCommit: 'b'.repeat(40) });
    expect(versionOf(await find('merge-base'))).toBe(1);
  });

  it('of a branch that began before the first version has none', async () => {
    const { repository, register, find } = bench();
    const first = repository.commit('one');
    expect(versionOf(await find('merge-base'))).toBe('No version of this model is registered yet.');
    repository.git('checkout', '-q', '-b', 'feature');
    repository.commit('work');
    repository.git('checkout', '-q', 'main');
    await register({ registeredCommit: repository.commit('two') });
    repository.git('checkout', '-q', 'feature');
    expect(versionOf(await find('merge-base'))).toBe(
      `No version was registered at the merge base ${first.slice(0, 12)} or before it yet.`,
    );
  });

  it('finds the branch of the remote where there is no local one', async () => {
    const { repository, register, find } = bench();
    await register({ registeredCommit: repository.commit('one') });
    const clone = tmp.dirSync({ unsafeCleanup: true }).name;
    repository.git('checkout', '-q', '-b', 'feature');
    repository.commit('work');
    repository.git('clone', '-q', '--branch', 'feature', repository.folder, join(clone, 'clone'));
    expect(versionOf(await find('merge-base', { folder: join(clone, 'clone') }))).toBe(1);
  });

  it('in a shallow clone says how to get the history', async () => {
    const { repository, register, find } = bench();
    await register({ registeredCommit: repository.commit('one') });
    repository.commit('two');
    repository.commit('three');
    const clone = join(tmp.dirSync({ unsafeCleanup: true }).name, 'clone');
    repository.git('clone', '-q', '--depth', '1', `file://${repository.folder}`, clone);
    expect(versionOf(await find('merge-base', { folder: clone }))).toMatch(
      /^This clone is shallow and does not know the commit [0-9a-f]{12} that version 1 .*fetch-depth: 0/,
    );
    expect(versionOf(await find('merge-base', { folder: clone, base: 'develop' }))).toMatch(
      /^develop \(--base\) is no commit in this clone.*This clone is shallow\..*GIT_DEPTH: 0/,
    );
  });

  it('says so where the base is unknown, where nothing is in common, and where there is no git', async () => {
    const { repository, find } = bench();
    repository.commit('one');
    expect(versionOf(await find('merge-base', { base: 'develop' }))).toMatch(/--base=<branch>/);
    expect(versionOf(await find('merge-base', { base: '--all' }))).toMatch(/is no commit in this clone/);
    repository.git('checkout', '-q', '--orphan', 'other');
    repository.commit('alone');
    expect(versionOf(await find('merge-base'))).toMatch(/have no commit in common/);
    const folder = tmp.dirSync({ unsafeCleanup: true }).name;
    expect(versionOf(await find('merge-base', { folder }))).toMatch(/in no git repository/);
  });
});
