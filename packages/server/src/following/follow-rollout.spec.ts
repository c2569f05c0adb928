import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RolloutStep } from '@nx-mlops/core';
import { ListeningServer, recordingLogger } from '../testing/http-client';
import { TestRegistry } from '../testing/registry-with-models';
import { until } from '../testing/until';

const x = { inputs: [{ name: 'x', shape: [1], datatype: 'FP32', data: [0] }] };
const enough = { requests: 0, seconds: 0 };
const weight = (percent: number): RolloutStep => ({ kind: 'weight', weight: percent, ...enough });
const shadow = (share: number): RolloutStep => ({ kind: 'shadow', share, ...enough });
const subjects = Array.from({ length: 60 }, (_, index) => `user-${index}`);

interface RoutedAnswer {
  readonly status: number;
  readonly route: string | null;
  readonly version: unknown;
  readonly output: unknown;
}
interface Described {
  readonly rollout?: { readonly weight: number; readonly shadow: number };
  readonly variants: readonly {
    readonly version: string;
    readonly loaded: boolean;
    readonly failed?: string;
    readonly counters: Record<string, unknown> & { readonly shadow: Record<string, unknown> };
  }[];
}

describe('following a rollout', () => {
  let models: TestRegistry;
  let http: ListeningServer;
  let logger: ReturnType<typeof recordingLogger>;

  const start = async (options: { subjectHeader?: string; keepPrevious?: number } = {}) => {
    http = await ListeningServer.start({
      registry: models.registry,
      environment: 'staging',
      logger,
      ...options,
    });
    await http.server.follower.whenReady();
  };
  const ask = async (subject: string, header = 'x-mlops-subject'): Promise<RoutedAnswer> => {
    const response = await fetch(`${http.url}/v2/models/churn/infer`, {
      method: 'POST',
      body: JSON.stringify(x),
      headers: { [header]: subject },
    });
    const body = (await response.json()) as {
      model_version?: unknown;
      outputs?: { data: unknown[] }[];
    };
    return {
      status: response.status,
      route: response.headers.get('x-mlops-route'),
      version: body.model_version,
      output: body.outputs?.[0]?.data[0],
    };
  };
  const described = async () => (await http.get('/v2/models/churn/rollout')).body as unknown as Described;
  const weighs = (percent: number) =>
    until(`the weight is ${percent} %`, async () => (await described()).rollout?.weight === percent);
  const isLoaded = (version: number) =>
    until(
      `version ${version} is loaded`,
      async () => (await http.get(`/v2/models/churn/versions/${version}/ready`)).status === 200,
    );
  /** Asks for every subject again and again; each one's answers in their order. */
  const load = () => {
    const answers = new Map(subjects.map((subject) => [subject, [] as RoutedAnswer[]]));
    let going = true;
    const client = async (mine: readonly string[]) => {
      while (going) for (const subject of mine) answers.get(subject)?.push(await ask(subject));
    };
    const clients = [0, 1, 2, 3, 4, 5].map((part) =>
      client(subjects.filter((_subject, index) => index % 6 === part)),
    );
    /** Every subject is asked about twice at least. */
    const goOn = async () => {
      const counts = [...answers.values()].map((each) => each.length);
      await until('every subject was asked about', () =>
        [...answers.values()].every((each, index) => each.length >= (counts[index] as number) + 2),
      );
    };
    const stop = async () => {
      going = false;
      await Promise.all(clients);
      return answers;
    };
    return { goOn, stop };
  };
  const expectAllRight = (answers: ReadonlyMap<string, readonly RoutedAnswer[]>) => {
    const all = [...answers.values()].flat();
    expect(all.filter(({ status }) => status !== 200)).toEqual([]);
    // Version 1 adds 1, version 2 adds 2: what answered is what says so.
    expect(all.filter(({ version, output }) => Number(version) !== output)).toEqual([]);
    expect(
      all.filter(({ route, version }) => route?.startsWith(`churn/${String(version)}/`) !== true),
    ).toEqual([]);
  };

  beforeEach(async () => {
    models = new TestRegistry();
    logger = recordingLogger();
    await models.serve('churn', 'plus-1');
    await models.register('churn', 'plus-2');
  });
  afterEach(async () => {
    await http.close();
    models.remove();
  });

  it('fails no request from the start over 5 % and 50 % to the end, and moves no subject back', async () => {
    await start();
    const { goOn, stop } = load();
    await goOn();
    await models.startRollout('churn', 2, [weight(5), weight(50), { kind: 'switch' }]);
    await isLoaded(2);
    await goOn();
    for (const percent of [5, 50, 100]) {
      await models.advance('churn');
      await weighs(percent);
      await goOn();
    }
    await models.advance('churn');
    await until('version 2 is the stable one', async () => (await ask('x')).route === 'churn/2/stable');
    await goOn();
    const answers = await stop();
    expectAllRight(answers);
    const switches = [...answers.values()].map((each) =>
      each.map(({ route }) => route).filter((route, index, all) => route !== all[index - 1]),
    );
    const expected = ['churn/1/stable', 'churn/2/candidate', 'churn/2/stable'];
    expect(switches).toEqual(subjects.map(() => expected));
    expect(logger.lines.filter((line) => line.includes('cannot'))).toEqual([]);
  });

  it('fails no request through an abort, after which the candidate is gone', async () => {
    await start();
    const { goOn, stop } = load();
    await models.startRollout('churn', 2, [weight(50), { kind: 'switch' }]);
    await isLoaded(2);
    await models.advance('churn');
    await weighs(50);
    await goOn();
    await models.registry.abort({ model: 'churn', environment: 'staging', actor: 'spec' });
    await until('the rollout has ended', async () => (await described()).rollout === undefined);
    await goOn();
    const answers = await stop();
    expectAllRight(answers);
    expect([...answers.values()].map((each) => each.at(-1)?.route)).toEqual(
      subjects.map(() => 'churn/1/stable'),
    );
    expect([...answers.values()].flat().some(({ route }) => route === 'churn/2/candidate')).toBe(true);
    expect((await http.get('/v2/models/churn/versions/2/ready')).status).toBe(404);
    expect((await http.post('/v2/models/churn/versions/2/infer', x)).status).toBe(404);
  });

  it('answers for a version by its number before it has traffic, and tells both in the metadata', async () => {
    await start();
    expect((await http.get('/v2/models/churn/versions/2/ready')).status).toBe(404);
    await models.startRollout('churn', 2, [weight(5)]);
    await isLoaded(2);
    expect((await described()).rollout).toEqual({ id: 'staging-4', version: '2', weight: 0, shadow: 0 });
    expect(await http.post('/v2/models/churn/versions/2/infer', x)).toMatchObject({
      status: 200,
      body: { model_version: '2', outputs: [{ data: [2] }] },
    });
    expect((await described()).variants[1]?.counters).toMatchObject({ requests: 0, named: { requests: 1 } });
    expect(await http.get('/v2/models/churn')).toMatchObject({ body: { versions: ['1', '2'] } });
    expect(await http.get('/v2/models/churn/ready')).toEqual({
      status: 200,
      body: { name: 'churn', ready: true, version: '1' },
    });
    expect((await http.get('/v2/models/churn/versions/3/ready')).status).toBe(404);
  });

  it('takes the subject from another header when told to, and from the id in the body', async () => {
    await start({ subjectHeader: 'X-Account' });
    await models.startRollout('churn', 2, [weight(50)]);
    await isLoaded(2);
    await models.advance('churn');
    await weighs(50);
    for (const subject of subjects.slice(0, 20)) {
      const { route } = await ask(subject, 'x-account');
      expect((await ask(subject, 'x-account')).route).toBe(route);
      const byId = await http.post('/v2/models/churn/infer', { id: subject, ...x });
      expect(route).toContain(`churn/${String(byId.body['model_version'])}/`);
    }
  });

  it('keeps all traffic with the stable version while the candidate is damaged', async () => {
    await rm(await models.blobOf('churn', 2));
    await start();
    await models.startRollout('churn', 2, [weight(50), { kind: 'switch' }]);
    await models.advance('churn');
    await weighs(50);
    await until('the failure is told', async () => (await described()).variants[1]?.failed !== undefined);
    for (const subject of subjects) expect((await ask(subject)).route).toBe('churn/1/stable');
    expect((await http.get('/v2/health/ready')).status).toBe(200);
    expect(await http.get('/v2/models/churn')).toMatchObject({ status: 200, body: { versions: ['1'] } });
    expect(await http.get('/v2/models/churn/versions/2/ready')).toMatchObject({
      status: 503,
      body: { ready: false, failed: { version: '2' } },
    });
    expect(await http.post('/v2/models/churn/versions/2/infer', x)).toMatchObject({ status: 503 });
  });

  it('answers nothing from a first version before it has all traffic, and is ready for the others', async () => {
    models.remove();
    models = new TestRegistry();
    await models.register('churn', 'plus-1');
    await models.startRollout('churn', 1, [{ kind: 'switch' }]);
    await start();
    await isLoaded(1);
    expect((await http.get('/v2/health/ready')).status).toBe(200);
    expect(await http.post('/v2/models/churn/infer', x)).toEqual({
      status: 503,
      body: {
        error: expect.stringMatching(
          /^version 1 of "churn" answers no requests yet: its rollout staging-2 is at 0 %/,
        ),
      },
    });
    expect((await http.get('/v2/models/churn/ready')).status).toBe(503);
    await models.advance('churn');
    await until('it answers', async () => (await ask('user-1')).route === 'churn/1/candidate');
    await models.advance('churn');
    await until('it is the stable one', async () => (await ask('user-1')).route === 'churn/1/stable');
  });

  it('shadows: the candidate answers copies, which are compared and never seen', async () => {
    await start();
    await models.startRollout('churn', 2, [shadow(100), weight(50)]);
    await isLoaded(2);
    await models.advance('churn');
    await until('it shadows', async () => (await described()).rollout?.shadow === 100);
    for (const subject of subjects) {
      expect(await ask(subject)).toEqual({ status: 200, route: 'churn/1/stable', version: '1', output: 1 });
    }
    await until(
      'all copies are answered',
      async () => (await described()).variants[1]?.counters.shadow['requests'] === subjects.length,
    );
    const [stable, candidate] = (await described()).variants;
    expect(stable?.counters).toMatchObject({ requests: subjects.length, errors: 0, refused: 0, rows: 60 });
    expect(candidate?.counters).toMatchObject({
      requests: 0,
      shadow: { errors: 0, refused: 0, dropped: 0, rows: 60, compared: 60, labels: { compared: 0 } },
    });
    // Version 2 gives 1 more than version 1 for each row.
    expect(candidate?.counters.shadow['scoreDifference']).toMatchObject({ sum: subjects.length });
  });

  it('shadows with a candidate that takes other inputs: every copy is refused, no live answer', async () => {
    const third = await models.register('churn', 'table-lookup');
    await start();
    await models.startRollout('churn', third, [shadow(100), weight(50)]);
    await isLoaded(third);
    await models.advance('churn');
    await until('it shadows', async () => (await described()).rollout?.shadow === 100);
    for (const subject of subjects) expect((await ask(subject)).status).toBe(200);
    await until(
      'all copies are refused',
      async () => (await described()).variants[1]?.counters.shadow['refused'] === subjects.length,
    );
  });

  it('goes back to the version before without loading it', async () => {
    await start();
    await models.deploy('churn', 2);
    await until('version 2 answers', async () => (await ask('x')).version === '2');
    // What is in memory needs no file.
    await rm(await models.blobOf('churn', 1));
    await models.registry.rollback({
      model: 'churn',
      environment: 'staging',
      actor: 'spec',
      reason: 'worse',
    });
    await until('version 1 answers', async () => (await ask('x')).version === '1');
    await sleep(50);
    expect(logger.lines.filter((line) => line.includes('cannot'))).toEqual([]);
  });
});
