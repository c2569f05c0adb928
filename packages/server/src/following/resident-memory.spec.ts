import type { VersionRef } from '@nx-mlops/core';
import type { LoadedModel } from '@nx-mlops/runtime';
import { silentLogger } from '../logger';
import { TestRegistry } from '../testing/registry-with-models';
import { until } from '../testing/until';
import { FollowedModel } from './followed-model';
import { loadVersion } from './load-version';
import { ServedVersion } from './served-version';

const MEGABYTE = 1024 * 1024;

describe('what rollouts leave in memory', () => {
  const models = new TestRegistry();
  afterAll(() => models.remove());

  it('is bounded over 200 rollouts, half of them aborted, with requests under way', async () => {
    await models.register('churn', 'plus-1');
    await models.register('churn', 'plus-2');
    const refs: VersionRef[] = [];
    for (const version of [1, 2]) refs.push(await models.registry.readVersion('churn', version));
    const [first, second] = refs as [VersionRef, VersionRef];
    const inMemory = new Set<LoadedModel>();
    let atMost = 0;
    const followed = new FollowedModel({
      name: 'churn',
      logger: silentLogger,
      clock: () => performance.now(),
      keepPrevious: 0,
      load: async (ref) => {
        const { version, digest, model } = await loadVersion(models.registry, 'churn', ref);
        inMemory.add(model);
        atMost = Math.max(atMost, inMemory.size);
        return new ServedVersion(version, digest, {
          manifest: model.manifest,
          predict: (batch) => model.predict(batch),
          run: (feeds) => model.run(feeds),
          release: async () => {
            await model.release();
            inMemory.delete(model);
          },
          // So that a version that something still refers to weighs.
          ...{ ballast: new Uint8Array(MEGABYTE).fill(1) },
        });
      },
    });
    const run = async (subject: string) =>
      followed
        .route(subject)
        ?.served.borrow((model) =>
          model.run({ x: { type: 'float32', dims: [1], data: Float32Array.of(0) } }),
        );
    const rollOut = async (round: number) => {
      const [stable, next] = Math.floor(round / 2) % 2 === 0 ? [first, second] : [second, first];
      const candidate = { ...next, rollout: `staging-${round}`, shadow: 0 };
      followed.follow({ stable, candidate: { ...candidate, weight: 50 } });
      await until('both are loaded', () => followed.variants.every(({ served }) => served !== undefined));
      const underWay = ['a', 'b', 'c', 'd'].map(run);
      const isAborted = round % 2 === 0;
      followed.follow({ stable: isAborted ? stable : next });
      await Promise.all(underWay);
    };
    for (let round = 0; round < 40; round += 1) await rollOut(round);
    const before = process.memoryUsage().rss;
    for (let round = 40; round < 240; round += 1) await rollOut(round);
    const growth = (process.memoryUsage().rss - before) / MEGABYTE;
    // Were no version let go, the ballast alone would be 200 MB.
    expect(growth).toBeLessThan(100);
    // The former candidate may still be on its way out while the next one is loaded.
    expect(atMost).toBeLessThanOrEqual(3);
    await followed.stop();
    expect(inMemory.size).toBe(0);
  });
});
