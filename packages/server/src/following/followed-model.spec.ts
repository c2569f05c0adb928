import { fakeModel } from '../testing/fake-model';
import { recordingLogger } from '../testing/http-client';
import { until } from '../testing/until';
import { FollowedModel } from './followed-model';
import { ServedVersion } from './served-version';

const target = (version: number) => ({ version, digest: `digest of ${version}` });
const candidate = (version: number, weight: number, shadow = 0) => ({
  ...target(version),
  weight,
  shadow,
  rollout: 'staging-5',
});
const subjects = Array.from({ length: 200 }, (_, index) => `user-${index}`);

/** A model whose loads end when the spec says so. */
function following({ keepPrevious = 0 } = {}) {
  const logger = recordingLogger();
  const models = new Map<number, ReturnType<typeof fakeModel>>();
  const pending = new Map<number, { arrive: () => void; fail: (because: string) => void }>();
  const attempts: number[] = [];
  const time = { now: 0 };
  const followed = new FollowedModel({
    name: 'churn',
    keepPrevious,
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
  return { followed, logger, models, attempts, pending, time, arrive, fail, serves };
}

describe('FollowedModel', () => {
  it('serves the old version until the new one is loaded, then frees the old one', async () => {
    const { followed, models, arrive, serves } = following();
    followed.follow({ stable: target(1) });
    expect(followed.serving).toBeUndefined();
    await arrive(1);
    await serves(1);
    followed.follow({ stable: target(2) });
    expect(followed.serving?.version).toBe(1);
    await arrive(2);
    await serves(2);
    await until('version 1 is freed', () => models.get(1)?.released === true);
    expect(models.get(2)?.released).toBe(false);
  });

  it('loads a version once however often it is told to', async () => {
    const { followed, attempts, arrive, serves } = following();
    for (let poll = 0; poll < 5; poll += 1) followed.follow({ stable: target(1) });
    await arrive(1);
    await serves(1);
    for (let poll = 0; poll < 5; poll += 1) followed.follow({ stable: target(1) });
    expect(attempts).toEqual([1]);
  });

  it('never lets a version serve that was overtaken while it loaded', async () => {
    const { followed, models, arrive, serves } = following();
    followed.follow({ stable: target(1) });
    followed.follow({ stable: target(2) });
    await arrive(1);
    await arrive(2);
    await serves(2);
    await until('version 1 is freed', () => models.get(1)?.released === true);
  });

  it('keeps the old version when the new one fails, says so once, and tries again later and later', async () => {
    const { followed, logger, attempts, time, arrive, fail, serves } = following();
    followed.follow({ stable: target(1) });
    await arrive(1);
    await serves(1);
    followed.follow({ stable: target(2) });
    await fail(2, 'the bytes are damaged.');
    expect(followed.serving?.version).toBe(1);
    followed.follow({ stable: target(2) });
    time.now = 999;
    followed.follow({ stable: target(2) });
    expect(attempts).toEqual([1, 2]);

    time.now = 1_000;
    followed.follow({ stable: target(2) });
    await until('it is tried again', () => attempts.length === 3);
    await fail(2, 'the bytes are damaged.');
    await until('the second failure is noted', () => followed.failure?.failures === 2);
    expect(followed.failure?.retryAt).toBe(3_000);
    expect(logger.lines.filter((line) => line.includes('damaged'))).toEqual([
      expect.stringMatching(/^churn: version 2 cannot be loaded: .* Version 1 goes on serving/),
    ]);

    time.now = 3_000;
    await until('it is tried a third time', () => {
      followed.follow({ stable: target(2) });
      return attempts.length === 4;
    });
    await arrive(2);
    await serves(2);
    expect(followed.failure).toBeUndefined();
  });

  it('forgets a failure when another version is wanted', async () => {
    const { followed, arrive, fail, serves } = following();
    followed.follow({ stable: target(1) });
    await fail(1, 'damaged');
    followed.follow({ stable: target(2) });
    expect(followed.failure).toBeUndefined();
    await arrive(2);
    await serves(2);
  });

  it('frees what serves and what was just loading when it stops', async () => {
    const { followed, models, arrive, serves } = following();
    followed.follow({ stable: target(1) });
    await arrive(1);
    await serves(1);
    followed.follow({ stable: target(2) });
    const stopped = followed.stop();
    await arrive(2);
    await stopped;
    expect(followed.serving).toBeUndefined();
    expect([models.get(1)?.released, models.get(2)?.released]).toEqual([true, true]);
  });

  describe('in a rollout', () => {
    /** Version 1 serves, and version 2 is its candidate, loaded. */
    const rollingOut = async (options: { keepPrevious?: number } = {}) => {
      const model = following(options);
      const { followed, arrive, serves } = model;
      followed.follow({ stable: target(1) });
      await arrive(1);
      await serves(1);
      followed.follow({ stable: target(1), candidate: candidate(2, 0) });
      await arrive(2);
      await until('the candidate is loaded', () => followed.variants[1]?.served !== undefined);
      const takenBy = (version: number) =>
        subjects.filter((subject) => followed.route(subject)?.served.version === version);
      const weigh = (weight: number, shadow = 0) =>
        followed.follow({ stable: target(1), candidate: candidate(2, weight, shadow) });
      return { ...model, takenBy, weigh };
    };

    it('gives the candidate its share and nobody back as it grows, up to all; the stable one stays', async () => {
      const { followed, models, takenBy, weigh } = await rollingOut();
      let former: string[] = [];
      for (const weight of [0, 5, 25, 50, 100]) {
        weigh(weight);
        const taken = takenBy(2);
        expect(taken).toEqual(expect.arrayContaining(former));
        // Of 200 subjects, five standard deviations are 36 at most.
        expect(Math.abs(taken.length - 2 * weight)).toBeLessThanOrEqual(weight % 100 === 0 ? 0 : 36);
        former = taken;
      }
      expect(followed.route('user-1')?.role).toBe('candidate');
      expect(followed.serving?.version).toBe(1);
      expect(models.get(1)?.released).toBe(false);
    });

    it('completes without loading the candidate again, and frees the former one', async () => {
      const { followed, models, attempts, takenBy, weigh } = await rollingOut();
      weigh(100);
      followed.follow({ stable: target(2) });
      expect(takenBy(2)).toHaveLength(subjects.length);
      expect(followed.route('user-1')?.role).toBe('stable');
      await until('version 1 is freed', () => models.get(1)?.released === true);
      expect(attempts).toEqual([1, 2]);
    });

    it('takes all requests from an aborted candidate at once, and frees it when it has answered', async () => {
      const { followed, models, takenBy, weigh } = await rollingOut();
      weigh(100);
      let finish: (() => void) | undefined;
      const answered = followed
        .route('user-1')
        ?.served.borrow(() => new Promise<void>((resolve) => (finish = resolve)));
      followed.follow({ stable: target(1) });
      expect(takenBy(1)).toHaveLength(subjects.length);
      expect(followed.variants).toHaveLength(1);
      expect(models.get(2)?.released).toBe(false);
      finish?.();
      await answered;
      await until('the candidate is freed', () => models.get(2)?.released === true);
      expect(models.get(1)?.released).toBe(false);
    });

    it('copies the share that is shadowed, and none of what the candidate answers itself', async () => {
      const { followed, takenBy, weigh } = await rollingOut();
      weigh(0, 30);
      const copied = subjects.filter((subject) => followed.route(subject)?.shadow !== undefined);
      expect(copied.length).toBeGreaterThan(30);
      expect(copied.length).toBeLessThan(100);
      expect(takenBy(1)).toHaveLength(subjects.length);
      weigh(30, 30);
      expect(takenBy(2)).toEqual(copied);
      expect(followed.route(copied[0] as string)?.shadow).toBeUndefined();
    });

    it('drops the copies that wait when the candidate goes', async () => {
      const { followed, models, weigh } = await rollingOut();
      weigh(0, 100);
      const shadow = followed.route('user-1')?.shadow;
      let runs = 0;
      const run = async () => void (runs += 1);
      shadow?.lane.offer({ bytes: 1, run });
      followed.follow({ stable: target(1) });
      shadow?.lane.offer({ bytes: 1, run });
      await until('the candidate is freed', () => models.get(2)?.released === true);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(runs).toBe(0);
      expect(shadow?.served.counters.snapshot().shadow.dropped).toBe(2);
    });

    it('leaves all requests with the stable one while the candidate cannot be loaded, and says so', async () => {
      const { followed, logger, arrive, serves, pending } = following();
      followed.follow({ stable: target(1) });
      await arrive(1);
      await serves(1);
      followed.follow({ stable: target(1), candidate: candidate(2, 100) });
      pending.get(2)?.fail('the bytes are damaged.');
      await until('it failed', () => followed.variants[1]?.failure?.because === 'the bytes are damaged.');
      expect(followed.route('user-1')).toMatchObject({ role: 'stable', served: { version: 1 } });
      expect([followed.ready, followed.failure]).toEqual([true, undefined]);
      expect(logger.lines.at(-1)).toMatch(
        /^churn: version 2 cannot be loaded: the bytes are damaged\. Version 1 goes on serving/,
      );
    });

    it('lets a first version answer once it is given everything', async () => {
      const { followed, arrive, serves } = following();
      followed.follow({ candidate: candidate(1, 0) });
      await arrive(1);
      await until('it is loaded', () => followed.variants[0]?.served !== undefined);
      expect([followed.route('user-1'), followed.serving, followed.wanted]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
      followed.follow({ candidate: candidate(1, 99.9) });
      expect(subjects.filter((subject) => followed.route(subject) !== undefined)).toEqual([]);
      followed.follow({ candidate: candidate(1, 100) });
      expect(followed.route('user-1')).toMatchObject({ role: 'candidate', served: { version: 1 } });
      await serves(1);
      followed.follow({ stable: target(1) });
      expect(followed.route('user-1')).toMatchObject({ role: 'stable', served: { version: 1 } });
    });

    it('that it starts amid of, is ready when both versions were tried', async () => {
      const { followed, arrive, serves, pending } = following();
      followed.follow({ stable: target(1), candidate: candidate(2, 50) });
      await arrive(1);
      await serves(1);
      expect(followed.ready).toBe(false);
      pending.get(2)?.fail('damaged');
      await until('it is ready', () => followed.ready);
      // A later one that is loading takes the readiness from nobody.
      followed.follow({ stable: target(1), candidate: { ...candidate(3, 50), rollout: 'staging-9' } });
      expect(followed.ready).toBe(true);
    });

    it('that it starts amid of, waits for no candidate that answers nothing yet', async () => {
      const { followed, arrive, serves } = following();
      followed.follow({ stable: target(1), candidate: candidate(2, 0, 100) });
      await arrive(1);
      await serves(1);
      expect(followed.ready).toBe(true);
      await arrive(2);
    });

    it('goes back to a version that is kept without loading it, and keeps as many as it is told to', async () => {
      const { followed, models, attempts, arrive, serves } = following({ keepPrevious: 1 });
      for (const version of [1, 2, 3]) {
        followed.follow({ stable: target(version) });
        await arrive(version);
        await serves(version);
      }
      await until('version 1 is freed', () => models.get(1)?.released === true);
      followed.follow({ stable: target(2) });
      expect(followed.serving?.version).toBe(2);
      expect(attempts).toEqual([1, 2, 3]);
      expect(followed.variants).toHaveLength(1);
      await followed.stop();
      expect([models.get(2)?.released, models.get(3)?.released]).toEqual([true, true]);
    });
  });
});
