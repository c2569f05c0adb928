import { fakeModel } from '../testing/fake-model';
import { recordingLogger } from '../testing/http-client';
import { until } from '../testing/until';
import { FollowedModel } from './followed-model';
import { ServedVersion } from './served-version';

const target = (version: number) => ({ version, digest: `digest of ${version}` });

/** A model whose loads end when the spec says so. */
function following() {
  const logger = recordingLogger();
  const models = new Map<number, ReturnType<typeof fakeModel>>();
  const pending = new Map<number, { arrive: () => void; fail: (because: string) => void }>();
  const attempts: number[] = [];
  const time = { now: 0 };
  const followed = new FollowedModel(target(1), {
    name: 'churn',
    logger,
    clock: () => time.now,
    load: ({ version, digest }) =>
      new Promise((resolve, reject) => {
        attempts.push(version);
        pending.set(version, {
          arrive: () => {
            const model = fakeModel();
            models.set(version, model);
            resolve(new ServedVersion(version, digest, model));
          },
          fail: (because) => reject(new Error(because)),
        });
      }),
  });
  const arrive = async (version: number) => {
    await until(`version ${version} is asked for`, () => pending.has(version));
    pending.get(version)?.arrive();
    pending.delete(version);
  };
  const fail = async (version: number, because: string) => {
    await until(`version ${version} is asked for`, () => pending.has(version));
    pending.get(version)?.fail(because);
    pending.delete(version);
    await until('the failure is noted', () => followed.failure?.because === because);
  };
  const serves = (version: number) =>
    until(`version ${version} serves`, () => followed.serving?.version === version);
  return { followed, logger, models, attempts, time, arrive, fail, serves };
}

describe('FollowedModel', () => {
  it('serves the old version until the new one is loaded, then frees the old one', async () => {
    const { followed, models, arrive, serves } = following();
    followed.follow(target(1));
    expect(followed.serving).toBeUndefined();
    await arrive(1);
    await serves(1);
    followed.follow(target(2));
    expect(followed.serving?.version).toBe(1);
    await arrive(2);
    await serves(2);
    await until('version 1 is freed', () => models.get(1)?.released === true);
    expect(models.get(2)?.released).toBe(false);
  });

  it('loads a version once however often it is told to', async () => {
    const { followed, attempts, arrive, serves } = following();
    for (let poll = 0; poll < 5; poll += 1) followed.follow(target(1));
    await arrive(1);
    await serves(1);
    for (let poll = 0; poll < 5; poll += 1) followed.follow(target(1));
    expect(attempts).toEqual([1]);
  });

  it('never lets a version serve that was overtaken while it loaded', async () => {
    const { followed, models, arrive, serves } = following();
    followed.follow(target(1));
    followed.follow(target(2));
    await arrive(1);
    await arrive(2);
    await serves(2);
    await until('version 1 is freed', () => models.get(1)?.released === true);
  });

  it('keeps the old version when the new one fails, says so once, and tries again later and later', async () => {
    const { followed, logger, attempts, time, arrive, fail, serves } = following();
    followed.follow(target(1));
    await arrive(1);
    await serves(1);
    followed.follow(target(2));
    await fail(2, 'the bytes are damaged.');
    expect(followed.serving?.version).toBe(1);
    followed.follow(target(2));
    time.now = 999;
    followed.follow(target(2));
    expect(attempts).toEqual([1, 2]);

    time.now = 1_000;
    followed.follow(target(2));
    await until('it is tried again', () => attempts.length === 3);
    await fail(2, 'the bytes are damaged.');
    await until('the second failure is noted', () => followed.failure?.failures === 2);
    expect(followed.failure?.retryAt).toBe(3_000);
    expect(logger.lines.filter((line) => line.includes('damaged'))).toEqual([
      expect.stringMatching(/^churn: version 2 cannot be loaded: .* Version 1 goes on serving/),
    ]);

    time.now = 3_000;
    await until('it is tried a third time', () => {
      followed.follow(target(2));
      return attempts.length === 4;
    });
    await arrive(2);
    await serves(2);
    expect(followed.failure).toBeUndefined();
  });

  it('forgets a failure when another version is wanted', async () => {
    const { followed, arrive, fail, serves } = following();
    followed.follow(target(1));
    await fail(1, 'damaged');
    followed.follow(target(2));
    expect(followed.failure).toBeUndefined();
    await arrive(2);
    await serves(2);
  });

  it('frees what serves and what was just loading when it stops', async () => {
    const { followed, models, arrive, serves } = following();
    followed.follow(target(1));
    await arrive(1);
    await serves(1);
    followed.follow(target(2));
    const stopped = followed.stop();
    await arrive(2);
    await stopped;
    expect(followed.serving).toBeUndefined();
    expect([models.get(1)?.released, models.get(2)?.released]).toEqual([true, true]);
  });
});
