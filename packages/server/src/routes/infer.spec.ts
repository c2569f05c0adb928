import fastify, { type FastifyInstance } from 'fastify';
import type { ModelManifest } from '@nx-mlops/core';
import type { LoadedModel } from '@nx-mlops/runtime';
import { FollowedModel } from '../following/followed-model';
import { ServedVersion } from '../following/served-version';
import { silentLogger } from '../logger';
import { fakeModel } from '../testing/fake-model';
import { until } from '../testing/until';
import { errorForm } from './errors';
import { inferRoutes } from './infer';
import { jsonBody } from './json-body';

const request = { inputs: [{ name: 'x', shape: [2], datatype: 'FP32', data: [1, 2] }] };
const manifest: ModelManifest = { ...fakeModel().manifest, task: 'regression', scoreOutput: 'y' };
const routing = {
  stable: { version: 1, digest: 'a' },
  candidate: { version: 2, digest: 'b', weight: 0, shadow: 100, rollout: 'staging-3' },
};
const gives =
  (...y: number[]) =>
  async () => ({
    y: { type: 'float32' as const, dims: [y.length], data: Float32Array.from(y) },
  });

const open: FastifyInstance[] = [];
afterEach(() => Promise.all(open.splice(0).map((app) => app.close())));

/** A server whose candidate of this rollout runs as the spec says. */
async function shadowing(run: LoadedModel['run'], given: typeof routing = routing) {
  const model = new FollowedModel({
    name: 'churn',
    logger: silentLogger,
    clock: () => 0,
    keepPrevious: 0,
    load: async ({ version, digest }) =>
      new ServedVersion(version, digest, {
        ...fakeModel(),
        manifest,
        run: version === 1 ? gives(1, 2) : run,
      }),
  });
  const app: FastifyInstance = fastify();
  jsonBody(app);
  errorForm(app, silentLogger);
  inferRoutes(app, { environment: 'staging', models: [model], model: () => model }, 'x-mlops-subject');
  model.follow(given);
  await until('both are loaded', () => model.variants.every(({ served }) => served !== undefined));
  const candidate = model.variants[1]?.served as ServedVersion;
  const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/v2/models/churn/infer`;
  open.push(app);
  const ask = async (body: unknown = request) => {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  };
  const counted = () => candidate.counters.snapshot();
  return { model, ask, counted };
}

const liveAnswer = {
  status: 200,
  body: {
    model_name: 'churn',
    model_version: '1',
    outputs: [{ name: 'y', datatype: 'FP32', shape: [2], data: [1, 2] }],
  },
};

describe('a shadowing candidate', () => {
  it('that answers is compared with the live answers', async () => {
    const { ask, counted } = await shadowing(gives(1.5, 2));
    expect(await ask()).toEqual(liveAnswer);
    await until('it is compared', () => counted().shadow.compared === 2);
    expect(counted()).toMatchObject({ requests: 0, shadow: { requests: 1, rows: 2 } });
    expect(counted().shadow.scoreDifference.sum).toBe(0.5);
  });

  it('that throws fails no live answer', async () => {
    const { ask, counted } = await shadowing(async () => Promise.reject(new Error('broken')));
    for (let count = 0; count < 20; count += 1) expect(await ask()).toEqual(liveAnswer);
    await until('all failed', () => counted().shadow.errors === 20);
    expect(counted()).toMatchObject({ errors: 0, shadow: { requests: 20, compared: 0 } });
  });

  it('that gives scores of an impossible shape fails no live answer and is not compared', async () => {
    const { ask, counted } = await shadowing(gives(1, 2, 3));
    for (let count = 0; count < 3; count += 1) expect(await ask()).toEqual(liveAnswer);
    await until('all are answered', () => counted().shadow.requests === 3);
    expect(counted().shadow.compared).toBe(0);
  });

  it('that hangs delays no live answer; what it cannot take is dropped and counted', async () => {
    let release: () => void = () => undefined;
    const hanging = new Promise<void>((resolve) => (release = resolve));
    let atOnce = 0;
    const { model, ask, counted } = await shadowing(async () => {
      atOnce += 1;
      await hanging;
      atOnce -= 1;
      return gives(1, 2)();
    });
    // One runs, 256 wait.
    for (let count = 0; count < 300; count += 1) expect(await ask()).toEqual(liveAnswer);
    expect(atOnce).toBe(1);
    expect(counted().shadow).toMatchObject({ dropped: 300 - 257, requests: 0 });
    release();
    await until('the rest is answered', () => counted().shadow.requests === 257);
    await model.stop();
  });
});

it('counts what a version answers, refuses and fails at', async () => {
  let fail = false;
  const all = { ...routing, candidate: { ...routing.candidate, weight: 100, shadow: 0 } };
  const { ask, counted } = await shadowing(
    async () => (fail ? Promise.reject(new Error('broken')) : gives(3, 4)()),
    all,
  );
  expect(await ask()).toMatchObject({ status: 200, body: { model_version: '2' } });
  expect(await ask({ inputs: [{ ...request.inputs[0], datatype: 'INT8' }] })).toMatchObject({ status: 400 });
  fail = true;
  expect(await ask()).toMatchObject({ status: 500 });
  const { requests, refused, errors, rows, latency, shadow } = counted();
  expect({ requests, refused, errors, rows }).toEqual({ requests: 3, refused: 1, errors: 1, rows: 2 });
  expect(latency.counts.reduce((sum, count) => sum + count, 0)).toBe(1);
  expect(shadow.requests).toBe(0);
});
