import tmp from 'tmp';
import type { NewRegistryEvent, RegistryEvent } from '../event';
import { chainEvent } from '../event-log';
import { registrationOf } from '../registration.fixture';
import { Registry } from '../registry';
import { describeRegistryDriver } from '../registry-driver-contract.fixture';
import { describeRegistryModel } from '../registry-model.fixture';
import { FakeMlflowServer } from './fake-mlflow-server.fixture';
import { type MlflowRegistryDriver } from './mlflow-registry-driver';
import { newDriver, onMlflow } from './on-mlflow.fixture';

tmp.setGracefulCleanup();

const server = new FakeMlflowServer();
let address: string;
beforeAll(async () => {
  address = await server.start();
});
afterAll(() => server.stop());

/** Of writers at once this driver promises that one is told so, not that they get on quickly. */
describeRegistryDriver('MlflowRegistryDriver', () => onMlflow(address), { keepsSnapshots: false });
describeRegistryModel('a registry on MLflow', () => onMlflow(address), { runs: 10, maxSteps: 12 });

const failsWith = (code: string, message = /./) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error;
const environments = ['staging', 'production'];
const model = 'flight-delay';
const change = { model, actor: 'ada' };
const newFolder = () => tmp.dirSync({ unsafeCleanup: true, prefix: 'a folder ' }).name;
/** Nothing is asked twice, so that what fails fails at once. */
const driverOf = (options: Partial<ConstructorParameters<typeof MlflowRegistryDriver>[1]> = {}) =>
  newDriver(address, { environments, pauses: [], patience: 1000, ...options });
const registryOf = (driver = driverOf()) => new Registry(driver);

function eventAfter(previous?: RegistryEvent, changes: Partial<NewRegistryEvent> = {}): RegistryEvent {
  return chainEvent(previous, {
    type: 'registered',
    at: '2026-11-01T12:00:00.000Z',
    actor: 'ada',
    version: (previous?.seq ?? 0) + 1,
    digest: 'a'.repeat(64),
    ...changes,
  } as NewRegistryEvent);
}

const keyOf = ({ seq, hash }: RegistryEvent) => `nx-mlops.event.00000${seq}.${hash.slice(0, 12)}`;

beforeEach(() => {
  server.fault = undefined;
  server.root = 'mlflow-artifacts:/1';
  server.version = '3.17.2';
  server.models.clear();
  server.runs.clear();
  server.artifacts.clear();
});

const aliases = () => Object.fromEntries(server.models.get(model)?.aliases ?? []);
const versions = () =>
  server.models
    .get(model)
    ?.versions.filter(({ deleted }) => !deleted)
    .map(({ version }) => version);

async function withVersions(count: number, registry = registryOf()): Promise<Registry> {
  for (let each = 1; each <= count; each++) {
    await registry.registerVersion(registrationOf(newFolder(), `weights ${each}`));
  }
  return registry;
}

describe('events', () => {
  it('may be long and in any script', async () => {
    const event = eventAfter(undefined, { reason: 'Wärme 🔥\n'.repeat(2000) });
    await driverOf().appendEvent(model, event);
    expect((await driverOf().readEvents(model)).events).toEqual([event]);
    const values = [...(server.models.get(model)?.tags.values() ?? [])];
    expect(Math.max(...values.map(({ length }) => length))).toBeLessThanOrEqual(5000);
    expect(values.join('')).toMatch(/^[\x20-\x7e]*$/);
  });

  it('that did not change cost one request, and are the same object', async () => {
    const driver = driverOf();
    await driver.appendEvent(model, eventAfter());
    const { events } = await driver.readEvents(model);
    server.requests.length = 0;
    expect((await driver.readEvents(model)).events).toBe(events);
    expect(server.requests).toEqual(['GET registered-models/get']);
  });

  it('that two commands left in one place are named, and nothing is read until it is mended', async () => {
    const [ours, theirs] = [eventAfter(), eventAfter(undefined, { actor: 'eve' })];
    await driverOf().appendEvent(model, ours);
    const tags = server.models.get(model)?.tags as Map<string, string>;
    const key = keyOf(theirs);
    tags.set(key, JSON.stringify(theirs));
    await expect(driverOf().readEvents(model)).rejects.toEqual(
      failsWith('MLOPS_REGISTRY_FORKED', new RegExp(key)),
    );
    tags.delete(key);
    expect((await driverOf().readEvents(model)).events).toEqual([ours]);
  });

  it('that a writer withdraws meanwhile are waited for', async () => {
    const [ours, theirs] = [eventAfter(), eventAfter(undefined, { actor: 'eve' })];
    await driverOf().appendEvent(model, ours);
    const tags = server.models.get(model)?.tags as Map<string, string>;
    const key = keyOf(theirs);
    tags.set(key, JSON.stringify(theirs));
    setTimeout(() => tags.delete(key), 300);
    expect((await driverOf().readEvents(model)).events).toEqual([ours]);
  });

  it('are withdrawn where another stands already', async () => {
    const rival = eventAfter(undefined, { actor: 'eve' });
    const key = keyOf(rival);
    server.fault = (request) => {
      // It comes between the look and the write.
      if (request === 'POST registered-models/set-tag') {
        server.models.get(model)?.tags.set(key, JSON.stringify(rival));
      }
      return undefined;
    };
    await expect(driverOf().appendEvent(model, eventAfter())).rejects.toEqual(
      failsWith('MLOPS_REGISTRY_CONFLICT'),
    );
    expect((await driverOf().readEvents(model)).events).toEqual([rival]);
  });

  it('are recorded once though the answer to the write was lost', async () => {
    let lost = false;
    server.fault = (request) => {
      if (request !== 'POST registered-models/set-tag' || lost) return undefined;
      lost = true;
      return 'hang up after';
    };
    await driverOf({ pauses: [1] }).appendEvent(model, eventAfter());
    expect(lost).toBe(true);
    expect((await driverOf().readEvents(model)).events).toEqual([eventAfter()]);
  });

  it.each([
    ['by a look that was not answered', 'hang up', true],
    ['by a look that was not answered, and is not there', 'removed', false],
  ] as const)('are told of after a failure %s', async (_, fault, isRecorded) => {
    let written = false;
    server.fault = (request) => {
      if (request === 'POST registered-models/set-tag') written = true;
      if (!written || request !== 'GET registered-models/get') return undefined;
      written = false;
      if (fault === 'removed') server.models.get(model)?.tags.delete(keyOf(eventAfter()));
      return 'hang up';
    };
    const appended = driverOf().appendEvent(model, eventAfter());
    if (isRecorded) await appended;
    else await expect(appended).rejects.toEqual(failsWith('MLOPS_MLFLOW_UNREACHABLE'));
    expect((await driverOf().readEvents(model)).events).toEqual(isRecorded ? [eventAfter()] : []);
  });

  it('are not those of a registered model that something else made', async () => {
    server.addVersion(model);
    expect((await driverOf().readEvents(model)).events).toEqual([]);
    expect(await driverOf().listModels()).toEqual([]);
    await expect(driverOf().appendEvent(model, eventAfter())).rejects.toEqual(
      failsWith('MLOPS_MLFLOW_NAME_TAKEN', /flight-delay/),
    );
  });
});

it('all models are listed, page by page', async () => {
  for (const name of ['e', 'd', 'c', 'b', 'a']) await driverOf().appendEvent(name, eventAfter());
  expect(await driverOf().listModels()).toEqual(['a', 'b', 'c', 'd', 'e']);
});

describe('versions', () => {
  it('are model versions of the same number, whose folder holds the files', async () => {
    const registry = await withVersions(2);
    expect(versions()).toEqual([1, 2]);
    const { source } = server.models.get(model)?.versions[1] ?? {};
    const folder = source?.replace('mlflow-artifacts:/', '');
    expect(server.artifacts.get(`${folder}/model.onnx`)?.toString()).toBe('weights 2');
    expect(server.artifacts.has(`${folder}/MLmodel`)).toBe(true);
    expect([...server.runs.values()]).toMatchObject([
      { name: 'flight-delay 1', metrics: { rmse: 1.5 }, status: 'FINISHED' },
      { name: 'flight-delay 2' },
    ]);
    const record = await registryOf().readVersion(model, 2);
    expect(record).toEqual(await registry.readVersion(model, 2));
  });

  it.each([
    ['before its number is claimed', 'POST runs/update', []],
    ['before its model version is made', 'POST model-versions/create', [1]],
    ['before its event', 'POST registered-models/set-tag event', [1]],
    ['before its aliases', 'GET registered-models/get', [1]],
  ] as const)(
    'whose registration ends %s is whole after the next command',
    async (_, request, claimed) => {
      let claims = 0;
      server.fault = (name, body) => {
        const { key = '' } = body as { key?: string };
        if (key.startsWith('nx-mlops.version')) claims++;
        const isIt =
          request === 'POST registered-models/set-tag event'
            ? key.startsWith('nx-mlops.event')
            : request === 'GET registered-models/get'
              ? name === request &&
                [...(server.models.get(model)?.tags.keys() ?? [])].some((each) =>
                  each.startsWith('nx-mlops.event'),
                )
              : name === request;
        return isIt ? 'hang up' : undefined;
      };
      await expect(withVersions(1)).rejects.toThrow(/./);
      expect(claims).toBe(claimed.length);
      server.fault = undefined;
      const registry = await withVersions(2);
      expect([...(await registry.state(model)).versions.keys()]).toEqual([1, 2]);
      expect(versions()).toEqual([1, 2]);
      expect((await registry.readVersion(model, 1)).files['model.onnx']?.size).toBe('weights 1'.length);
    },
    30_000,
  );

  it('are made once though the answer was lost', async () => {
    server.fault = (request) => (request === 'POST model-versions/create' ? 'hang up after' : undefined);
    await withVersions(1);
    expect(versions()).toEqual([1]);
  });

  it('are refused when something else took the number, and what serves goes on', async () => {
    const registry = await withVersions(1);
    server.addVersion(model);
    await expect(registry.registerVersion(registrationOf(newFolder(), 'weights 2'))).rejects.toEqual(
      failsWith('MLOPS_MLFLOW_NUMBER_TAKEN', /version 2 .* made by something else/),
    );
    await registry.deploy({ ...change, environment: 'production', version: 1 });
    expect(aliases()).toMatchObject({ champion: 1 });
  });

  it('are refused when the number was given to something that was deleted, which leaves nothing', async () => {
    const registry = await withVersions(1);
    server.addVersion(model);
    const deleted = server.models.get(model)?.versions[1];
    if (deleted !== undefined) deleted.deleted = true;
    await expect(registry.registerVersion(registrationOf(newFolder(), 'weights 2'))).rejects.toEqual(
      failsWith('MLOPS_MLFLOW_NUMBER_TAKEN', /would give the next one number 3/),
    );
    expect(versions()).toEqual([1]);
  });

  it('lose their files with their bytes, once', async () => {
    const driver = driverOf();
    const registry = await withVersions(2, registryOf(driver));
    const { events } = await driver.readEvents(model);
    const digest = (await registry.readVersion(model, 1)).digest;
    const pruned = chainEvent(events.at(-1), {
      type: 'pruned',
      version: 1,
      digest,
      at: '2026-11-01T12:00:00.000Z',
      actor: 'ada',
    });
    await driver.appendEvent(model, pruned);
    await driver.mirror(model);
    const left = [...server.artifacts.keys()].filter((path) => path.endsWith('/model/model.onnx'));
    expect(left).toHaveLength(1);
    expect((await registry.readVersion(model, 1)).version).toBe(1);
    server.requests.length = 0;
    await driver.mirror(model);
    expect(server.requests).toEqual(['GET registered-models/get']);
  });
});

describe('aliases', () => {
  it('follow deployments, promotions and rollbacks', async () => {
    const registry = await withVersions(2);
    await registry.deploy({ ...change, environment: 'staging', version: 1 });
    expect(aliases()).toEqual({ staging: 1, challenger: 1 });
    await registry.promote({ ...change, from: 'staging', environment: 'production' });
    expect(aliases()).toEqual({ staging: 1, production: 1, champion: 1 });
    await registry.deploy({ ...change, environment: 'staging', version: 2 });
    await registry.promote({ ...change, from: 'staging', environment: 'production' });
    expect(aliases()).toEqual({ staging: 2, production: 2, champion: 2, previous: 1 });
    await registry.rollback({ ...change, environment: 'production', reason: 'complaints' });
    expect(aliases()).toEqual({ staging: 2, production: 1, champion: 1, challenger: 2 });
  });

  it('that a command did not come to set are said to be old, and set by the next', async () => {
    const registry = await withVersions(1);
    server.fault = (request) => (request === 'POST registered-models/alias' ? 'hang up' : undefined);
    const deploy = () => registry.deploy({ ...change, environment: 'production', version: 1 });
    await expect(deploy()).rejects.toEqual(
      failsWith('MLOPS_MLFLOW_ALIASES', /is recorded.*does not answer.*Do not repeat a rollback/),
    );
    expect((await registry.state(model)).deployments.get('production')?.version).toBe(1);
    expect(aliases()).toEqual({});
    server.fault = undefined;
    expect(await deploy()).toMatchObject({ changed: false });
    expect(aliases()).toEqual({ production: 1, champion: 1 });
  });

  it('that somebody moved are set right; those of others stay', async () => {
    const registry = await withVersions(2);
    await registry.deploy({ ...change, environment: 'production', version: 2 });
    const all = server.models.get(model)?.aliases;
    all?.set('champion', 1).set('previous', 1).set('favourite', 1);
    await registry.deploy({ ...change, environment: 'production', version: 2 });
    expect(aliases()).toEqual({ production: 2, champion: 2, favourite: 1 });
  });
});

describe('a server', () => {
  const unreachable = 'http://127.0.0.1:1';
  const read = (driver: MlflowRegistryDriver) => driver.readEvents(model);

  it('that does not answer is named', async () => {
    await expect(read(newDriver(unreachable, { pauses: [] }))).rejects.toEqual(
      failsWith('MLOPS_MLFLOW_UNREACHABLE', /http:\/\/127\.0\.0\.1:1: .*(ECONNREFUSED|bad port)/),
    );
  });

  it('that takes too long is given up', async () => {
    const { createServer } = await import('node:http');
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    try {
      await expect(read(newDriver(`http://127.0.0.1:${port}`, { pauses: [], timeout: 50 }))).rejects.toEqual(
        failsWith('MLOPS_MLFLOW_UNREACHABLE', /no answer in time/),
      );
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  });

  it.each([
    [401, 'You are not authenticated.', 'MLOPS_MLFLOW_DENIED', /MLFLOW_TRACKING_TOKEN/],
    [
      403,
      '{"error_code":"PERMISSION_DENIED","message":"Permission denied"}',
      'MLOPS_MLFLOW_DENIED',
      /Permission denied/,
    ],
    [404, '<!doctype html><h1>Not Found</h1>', 'MLOPS_MLFLOW_UNFIT', /2\.3 or newer/],
    [200, '<html>Log in</html>', 'MLOPS_MLFLOW_UNFIT', /not MLflow.*login page/],
    [200, '{"registered_model": 7}', 'MLOPS_MLFLOW_UNFIT', /unknown form/],
    [
      500,
      '{"error_code":"INTERNAL_ERROR","message":"database is locked"}',
      'MLOPS_MLFLOW_FAILED',
      /500 INTERNAL_ERROR: database is locked/,
    ],
  ] as const)('that answers %p %p', async (status, body, code, message) => {
    server.fault = () => ({ status, body });
    await expect(read(driverOf())).rejects.toEqual(failsWith(code, message));
  });

  it('that fails for a moment is asked again; one that refuses is not', async () => {
    await driverOf().appendEvent(model, eventAfter());
    let failures = 2;
    server.fault = () => (failures-- > 0 ? { status: 503, body: 'busy' } : undefined);
    expect((await read(driverOf({ pauses: [1, 1] }))).events).toHaveLength(1);
    failures = 2;
    server.fault = () => (failures-- > 0 ? { status: 403, body: 'no' } : undefined);
    await expect(read(driverOf({ pauses: [1, 1] }))).rejects.toEqual(failsWith('MLOPS_MLFLOW_DENIED'));
    expect(failures).toBe(1);
  });

  it('that keeps files elsewhere is refused before anything is written', async () => {
    server.root = 's3://bucket/mlflow/1';
    await expect(withVersions(1)).rejects.toEqual(failsWith('MLOPS_MLFLOW_UNFIT', /--serve-artifacts/));
    expect(server.models.size).toBe(0);
  });

  it('without its artifact proxy is refused at once', async () => {
    server.fault = (request) =>
      request.includes('mlflow-artifacts')
        ? { status: 503, body: 'disabled due to the mlflow server running with `--no-serve-artifacts`' }
        : undefined;
    server.requests.length = 0;
    await expect(withVersions(1, registryOf(driverOf({ pauses: [1, 1] })))).rejects.toEqual(
      failsWith('MLOPS_MLFLOW_UNFIT', /--artifacts-destination/),
    );
    expect(server.requests.filter((each) => each.includes('artifacts'))).toHaveLength(1);
  });

  it('that is too old for aliases is refused before anything is written', async () => {
    server.version = '2.2.1';
    server.hasExperiment = false;
    await expect(withVersions(1)).rejects.toEqual(failsWith('MLOPS_MLFLOW_UNFIT', /MLflow 2\.2\.1/));
    expect(server.hasExperiment).toBe(false);
  });

  it.each([
    [{ MLFLOW_TRACKING_TOKEN: 'secret' }, 'Bearer secret'],
    [{ MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: 'ü' }, 'Basic YWRhOsO8'],
    [
      { MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: 'x', MLFLOW_TRACKING_TOKEN: 'secret' },
      'Basic YWRhOng=',
    ],
    [{}, undefined],
  ])('is given the credentials of %j', async (environment, header) => {
    server.authorizations.clear();
    await read(driverOf({ environment }));
    expect([...server.authorizations]).toEqual([header]);
  });
});
