import fc from 'fast-check';
import type { MlflowClient } from './mlflow-client';
import { MlflowRegisteredModels } from './mlflow-registered-models';
import { tagsOf, textsOf } from './numbered-tags';

const EVENT = 'e';
const WRITERS = 4;

/** The tags of one registered model, each request of which takes effect at once, when the scheduler lets it. */
class Tags {
  readonly tags = new Map<string, string>([['nx-mlops.registry', '1']]);

  /** @param dies after so many requests */
  clientOf(
    scheduler: fc.Scheduler,
    writer: number,
    dies: number,
  ): Pick<MlflowClient, 'server' | 'get' | 'post' | 'delete'> {
    let requests = 0;
    const later = async <Result>(effect: () => Result): Promise<Result> => {
      if (++requests > dies) throw new Error('killed');
      await scheduler.schedule(Promise.resolve(), `request ${requests} of ${writer}`);
      const result = effect();
      await scheduler.schedule(Promise.resolve(), `answer ${requests} to ${writer}`);
      return result;
    };
    return {
      server: 'http://fake',
      get: () =>
        later(() => ({
          registered_model: { name: 'm', tags: [...this.tags].map(([key, value]) => ({ key, value })) },
        })),
      post: (_, body) => {
        const { key, value } = body as { key: string; value: string };
        return later(() => this.tags.set(key, value));
      },
      delete: (_, body) => later(() => this.tags.delete((body as { key: string }).key)),
    };
  }
}

const hashOf = (writer: number) => String(writer).repeat(64);

async function race(scheduler: fc.Scheduler, lifetimes: readonly number[]) {
  const store = new Tags();
  const outcomes = lifetimes.map((dies, writer) =>
    new MlflowRegisteredModels(store.clientOf(scheduler, writer, dies), 0, () =>
      scheduler.schedule(Promise.resolve(), `pause of ${writer}`),
    )
      .claim('m', EVENT, 1, tagsOf(EVENT, 1, hashOf(writer), `of ${writer}`))
      .catch(() => 'killed' as const),
  );
  return { results: await scheduler.waitFor(Promise.all(outcomes)), standing: textsOf(EVENT, store.tags) };
}

describe('of writers that claim a number at once, in whatever order their requests take effect,', () => {
  it('one succeeds, and its text alone stands', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const { results, standing } = await race(scheduler, Array<number>(WRITERS).fill(Infinity));
        expect(results.filter((result) => result === true)).toHaveLength(1);
        expect(standing.map(({ text }) => text)).toEqual([`of ${results.indexOf(true)}`]);
      }),
    );
  });

  it('never two succeed, and nothing of one that succeeded is lost, whoever is killed when', async () => {
    const lifetimes = fc.array(fc.oneof(fc.constant(Infinity), fc.nat(8)), {
      minLength: WRITERS,
      maxLength: WRITERS,
    });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), lifetimes, async (scheduler, dying) => {
        const { results, standing } = await race(scheduler, dying);
        const successful = results.flatMap((result, writer) => (result === true ? [`of ${writer}`] : []));
        expect(successful.length).toBeLessThanOrEqual(1);
        expect(standing.map(({ text }) => text)).toEqual(expect.arrayContaining(successful));
        // What else stands was left by one that was killed.
        const killed = results.flatMap((result, writer) => (result === 'killed' ? [`of ${writer}`] : []));
        for (const { text } of standing) expect([...successful, ...killed]).toContain(text);
      }),
    );
  });
});
