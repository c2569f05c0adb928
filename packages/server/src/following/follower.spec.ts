import { once } from 'node:events';
import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Registry } from '@nx-mlops/core';
import { ListeningServer, recordingLogger, type Answer } from '../testing/http-client';
import { fixtureFile, TestRegistry } from '../testing/registry-with-models';
import { until } from '../testing/until';
import type { RegistryReader } from './registry-reader';

const x = { inputs: [{ name: 'x', shape: [1], datatype: 'FP32', data: [0] }] };
const servedBy = ({ status, body }: Answer) => (status === 200 ? body['model_version'] : undefined);

describe('following an environment', () => {
  let models: TestRegistry;
  let http: ListeningServer;
  let logger: ReturnType<typeof recordingLogger>;
  const start = async (options: { models?: readonly string[]; registry?: RegistryReader } = {}) => {
    http = await ListeningServer.start({
      registry: models.registry,
      environment: 'staging',
      logger,
      ...options,
    });
  };
  const infer = (model = 'churn') => http.post(`/v2/models/${model}/infer`, x);
  const ready = async () => (await http.get('/v2/health/ready')).status;

  beforeEach(() => {
    models = new TestRegistry();
    logger = recordingLogger();
  });
  afterEach(async () => {
    await http.close();
    models.remove();
  });

  it('serves what is deployed there, and follows deploy and rollback', async () => {
    await models.serve('churn', 'plus-1');
    const second = await models.register('churn', 'plus-2');
    await start();
    await http.server.follower.whenReady();
    expect(await infer()).toMatchObject({ body: { model_version: '1', outputs: [{ data: [1] }] } });
    await models.deploy('churn', second, 'production');
    await models.deploy('churn', second);
    await until('version 2 answers', async () => servedBy(await infer()) === '2');
    expect(await infer()).toMatchObject({ body: { outputs: [{ data: [2] }] } });
    await models.registry.rollback({
      model: 'churn',
      environment: 'staging',
      actor: 'spec',
      reason: 'worse',
    });
    await until('version 1 answers again', async () => servedBy(await infer()) === '1');
  });

  it('fails no request while versions change under load', async () => {
    await models.serve('churn', 'plus-1');
    await models.register('churn', 'plus-2');
    await start();
    await http.server.follower.whenReady();
    const answers: Answer[] = [];
    let swapping = true;
    const client = async () => {
      while (swapping) answers.push(await infer());
    };
    const clients = Array.from({ length: 6 }, client);
    for (let swap = 0; swap < 20; swap += 1) {
      const version = swap % 2 === 0 ? 2 : 1;
      await models.deploy('churn', version);
      await until(`version ${version} answers`, async () => servedBy(await infer()) === String(version));
    }
    swapping = false;
    await Promise.all(clients);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    // What answered is what says so: version 1 adds 1, version 2 adds 2.
    for (const { body } of answers) {
      expect(body).toMatchObject({ outputs: [{ data: [Number(body['model_version'])] }] });
    }
    expect(answers.length).toBeGreaterThan(100);
  });

  it('is live but not ready while a model cannot be loaded, and keeps the others serving', async () => {
    await models.serve('churn', 'plus-1');
    await models.serve('fraud', 'plus-2');
    await rm(await models.blobOf('fraud', 1));
    await start();
    await until('churn is loaded', async () => servedBy(await infer()) === '1');
    await until('the failure is told', () =>
      logger.lines.some((line) => line.startsWith('fraud: version 1 cannot')),
    );
    expect(await ready()).toBe(503);
    expect(await http.get('/v2/health/live')).toEqual({ status: 200, body: { live: true } });
    expect(await infer('fraud')).toEqual({
      status: 503,
      body: { error: expect.stringMatching(/^version 1 of "fraud" cannot be loaded: /) },
    });
    expect(await http.get('/v2/models/fraud/ready')).toEqual({
      status: 503,
      body: { name: 'fraud', ready: false, failed: { version: '1', error: expect.any(String) } },
    });
    expect(await http.get('/v2/models/fraud')).toMatchObject({ status: 503 });
  });

  it('goes on with the old version when the new one is damaged, and takes the new one when it is mended', async () => {
    await models.serve('churn', 'plus-1');
    const second = await models.register('churn', 'plus-2');
    const blob = await models.blobOf('churn', second);
    const bytes = await readFile(blob);
    await chmod(blob, 0o644);
    await writeFile(blob, 'damaged');
    await start();
    await http.server.follower.whenReady();
    await models.deploy('churn', second);
    await until('the failure is told', () =>
      logger.lines.some((line) => line.includes('version 2 cannot be loaded')),
    );
    expect(servedBy(await infer())).toBe('1');
    expect(await ready()).toBe(200);
    expect(await http.get('/v2/models/churn/ready')).toMatchObject({
      status: 200,
      body: { ready: true, version: '1', failed: { version: '2' } },
    });
    await writeFile(blob, bytes);
    await until('version 2 answers', async () => servedBy(await infer()) === '2');
    expect(logger.lines.filter((line) => line.includes('version 2 cannot be loaded'))).toHaveLength(1);
  });

  it('starts before there is a registry, and serves the first model that appears', async () => {
    await rm(models.folder, { recursive: true });
    await start();
    await http.server.follower.whenReady();
    expect(logger.lines).toEqual([expect.stringMatching(/No model is deployed in staging yet/)]);
    expect(await infer()).toMatchObject({ status: 404 });
    await models.serve('churn', 'plus-1');
    await until('churn answers', async () => servedBy(await infer()) === '1');
  });

  it('waits for the models it was told to serve, and serves no others', async () => {
    await models.serve('fraud', 'plus-2');
    await start({ models: ['churn'] });
    await until('it says that it waits', () =>
      logger.lines.some((line) => line.startsWith('Waiting for churn')),
    );
    expect(await ready()).toBe(503);
    expect(await infer('fraud')).toMatchObject({ status: 404 });
    await models.serve('churn', 'plus-1');
    await until('it is ready', async () => (await ready()) === 200);
    expect(servedBy(await infer())).toBe('1');
  });

  it('serves a model no more that left the registry, but keeps serving when all of it is gone', async () => {
    await models.serve('churn', 'plus-1');
    await models.serve('fraud', 'plus-2');
    await start();
    await http.server.follower.whenReady();
    await rm(join(models.folder, 'models', 'fraud'), { recursive: true });
    await until('fraud is gone', async () => (await infer('fraud')).status === 404);

    await rename(models.folder, `${models.folder}.away`);
    await until('the loss is told', () => logger.lines.some((line) => line.includes('suddenly empty')));
    expect(servedBy(await infer())).toBe('1');
    expect(await ready()).toBe(200);
    await rename(`${models.folder}.away`, models.folder);
    await until('the return is told', () => logger.lines.includes('The registry can be read again.'));
  });

  it('keeps what it serves while the registry cannot be read, and says so once', async () => {
    await models.serve('churn', 'plus-1');
    const second = await models.register('churn', 'plus-2');
    const failing = { list: false, state: false };
    await start({ registry: sometimesFailing(models.registry, failing) });
    await http.server.follower.whenReady();
    failing.state = true;
    await until('the failure is told', () => logger.lines.some((line) => line.includes('no permission')));
    failing.list = true;
    await until('the failure is told', () => logger.lines.some((line) => line.includes('no network')));
    await models.deploy('churn', second);
    for (let request = 0; request < 20; request += 1) expect(servedBy(await infer())).toBe('1');
    failing.list = failing.state = false;
    await until('version 2 answers', async () => servedBy(await infer()) === '2');
    for (const because of ['no permission', 'no network']) {
      expect(logger.lines.filter((line) => line.includes(because))).toHaveLength(1);
    }
  });

  it('is not ready while it has never read the record of a model', async () => {
    await models.serve('churn', 'plus-1');
    const failing = { list: false, state: true };
    await start({ registry: sometimesFailing(models.registry, failing) });
    await until('the failure is told', () => logger.lines.some((line) => line.includes('no permission')));
    expect(await ready()).toBe(503);
    failing.state = false;
    await until('it is ready', async () => (await ready()) === 200);
  });

  it('answers a request that was under way when it was closed, and takes no new ones', async () => {
    await models.serve('churn', 'plus-1');
    await start();
    await http.server.follower.whenReady();
    const body = JSON.stringify(x);
    const { hostname, port } = new URL(http.url);
    const socket = connect(Number(port), hostname);
    let received = '';
    socket.on('data', (bytes) => (received += bytes.toString()));
    const ended = once(socket, 'end');
    socket.write(
      `POST /v2/models/churn/infer HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 9)}`,
    );
    await until('the request has begun', async () => (await connections(http)) === 1);
    await sleep(20);
    const closed = http.close();
    await until('no new connection is taken', () =>
      http.get('/v2/health/live').then(
        () => false,
        () => true,
      ),
    );
    socket.write(body.slice(9));
    await ended;
    await closed;
    expect(received).toMatch(/^HTTP\/1\.1 200 .*"model_version":"1"/s);
  });
});

it('the fixtures of two versions differ', async () => {
  expect(await readFile(fixtureFile('plus-1'))).not.toEqual(await readFile(fixtureFile('plus-2')));
});

function connections({ server }: ListeningServer): Promise<number> {
  return new Promise((resolve, reject) => {
    server.app.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}

function sometimesFailing(registry: Registry, failing: { list: boolean; state: boolean }): RegistryReader {
  return {
    listModels: async () => {
      if (failing.list) throw new Error('no network.');
      return registry.listModels();
    },
    state: async (model) => {
      if (failing.state) throw new Error('no permission.');
      return registry.state(model);
    },
    readVersion: (model, version) => registry.readVersion(model, version),
    fetchFile: (version, name) => registry.fetchFile(version, name),
  };
}
