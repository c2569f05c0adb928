import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import tmp from 'tmp';
import { MlopsError } from '../errors/mlops-error';
import { sha256OfBytes } from '../files/sha256';
import type { RegistryEvent } from './event';
import { chainEvent, formatEvent } from './event-log';
import { FileRegistryDriver } from './file-registry-driver';
import { openRegistry } from './open-registry';
import { digestOfVersion, Registry } from './registry';
import { registrationOf } from './registration.fixture';

tmp.setGracefulCleanup();

const MODEL = 'flight-delay';
const failsWith = (code: string) => expect.objectContaining({ code }) as Error;
const who = { model: MODEL, actor: 'ada' };

function newFolder(): string {
  return tmp.dirSync({ unsafeCleanup: true, prefix: 'a registry ' }).name;
}

/** A registry whose clock shows the next second each time. */
function registryIn(folder: string): Registry {
  let seconds = 0;
  const now = () => new Date(Date.UTC(2026, 10, 1, 12, 0, seconds++));
  return new Registry(new FileRegistryDriver(join(folder, 'registry')), { now });
}

async function withVersions(folder: string, count: number): Promise<Registry> {
  const registry = registryIn(folder);
  for (let number = 1; number <= count; number++) {
    await registry.registerVersion(registrationOf(folder, `weights ${number}`));
  }
  return registry;
}

describe('registerVersion', () => {
  it('makes numbered versions whose files come back', async () => {
    const folder = newFolder();
    const registry = registryIn(folder);
    const input = registrationOf(folder, 'weights');
    const { version, created } = await registry.registerVersion(input);
    expect(created).toBe(true);
    expect(version).toMatchObject({
      version: 1,
      digest: digestOfVersion(input),
      registeredBy: 'ada',
      registeredAt: '2026-11-01T12:00:00.000Z',
    });
    expect(await registry.readVersion(MODEL, 1)).toEqual(version);
    expect(readFileSync(await registry.fetchFile(version, 'model.onnx'), 'utf8')).toBe('weights');
    expect((await registry.registerVersion(registrationOf(folder, 'other'))).version.version).toBe(2);
    expect(await registry.listModels()).toEqual([MODEL]);
  });

  it('keeps the signature of a new version, made over its stored files', async () => {
    const folder = newFolder();
    const registry = registryIn(folder);
    const signature = join(folder, 'a signature');
    const asked: unknown[] = [];
    const input = {
      ...registrationOf(folder, 'weights'),
      sign: async (files: unknown) => {
        asked.push(files);
        writeFileSync(signature, 'signed');
        return signature;
      },
    };
    const { version } = await registry.registerVersion(input);
    const { 'model.sig': kept, ...others } = version.files;
    expect(asked).toEqual([others]);
    expect(kept).toEqual({ sha256: sha256OfBytes('signed'), size: 6 });
    rmSync(signature);
    expect(readFileSync(await registry.fetchFile(version, 'model.sig'), 'utf8')).toBe('signed');
    expect(await registry.registerVersion(input)).toEqual({ version, created: false });
    expect(asked).toHaveLength(1);
  });

  it('keeps the threshold of a binary classifier', async () => {
    const folder = newFolder();
    const registry = registryIn(folder);
    await registry.registerVersion({ ...registrationOf(folder, 'weights'), threshold: 0.31 });
    expect((await registry.readVersion(MODEL, 1)).threshold).toBe(0.31);
  });

  it('makes another version of the same weights with another threshold, and none of the usual one said aloud', async () => {
    const folder = newFolder();
    const registry = registryIn(folder);
    const input = registrationOf(folder, 'weights');
    const numbers = [];
    for (const threshold of [undefined, 0.5, 0.31, 0.31, 0.4]) {
      const { version } = await registry.registerVersion({
        ...input,
        ...(threshold === undefined ? {} : { threshold }),
      });
      numbers.push(version.version);
    }
    expect(numbers).toEqual([1, 1, 2, 2, 3]);
  });

  it('leaves versions readable and deployable whose verdicts are of the former form', async () => {
    const folder = newFolder();
    const registry = await withVersions(folder, 1);
    const file = join(folder, 'registry', 'models', MODEL, 'versions', '1.json');
    const record = JSON.parse(readFileSync(file, 'utf8')) as { gates: object };
    const { model, modelSha256, evaluationSha256 } = (await registry.readVersion(MODEL, 1)).gates;
    const limit = { name: 'mae <= 3', metric: 'mae', max: 3, value: 1, severity: 'block', verdict: 'pass' };
    const slice = { column: 'origin', value: null, rows: 60 };
    const former = {
      version: 1,
      ...{ model, modelSha256, evaluationSha256, passed: true },
      gates: [
        { ...limit, because: 'It is.' },
        { ...limit, slice, because: 'It is.' },
      ],
    };
    rmSync(file);
    writeFileSync(file, JSON.stringify({ ...record, gates: former }));
    // Nor did its event tell the digest of the record then.
    const log = join(folder, 'registry', 'models', MODEL, 'events.jsonl');
    const event = JSON.parse(readFileSync(log, 'utf8')) as RegistryEvent & { type: 'registered' };
    const { type, version, digest, at, actor } = event;
    writeFileSync(log, formatEvent(chainEvent(undefined, { type, version, digest, at, actor })));
    expect((await registry.readVersion(MODEL, 1)).gates).toEqual(former);
    expect(await registry.deploy({ ...who, environment: 'staging', version: 1 })).toMatchObject({
      deployment: { version: 1 },
    });
  });

  it('makes no second version of the same model, whatever its metrics and actor', async () => {
    const folder = newFolder();
    const registry = registryIn(folder);
    const first = await registry.registerVersion(registrationOf(folder, 'weights'));
    const again = await registry.registerVersion({
      ...registrationOf(folder, 'weights'),
      metrics: { rmse: 9 },
      actor: 'bob',
    });
    expect(again).toEqual({ version: first.version, created: false });
    expect(await registry.events(MODEL)).toHaveLength(1);
  });

  it.each([
    ['did not pass', { passed: false }, 'MLOPS_GATE_NOT_PASSED'],
    ['judged another model', { modelSha256: sha256OfBytes('other') }, 'MLOPS_GATE_NOT_PASSED'],
  ])('refuses a model whose gates %s', async (_, gates, code) => {
    const folder = newFolder();
    const registry = registryIn(folder);
    const input = registrationOf(folder, 'weights');
    await expect(registry.registerVersion({ ...input, gates: { ...input.gates, ...gates } })).rejects.toEqual(
      failsWith(code),
    );
    expect(await registry.events(MODEL)).toEqual([]);
  });

  it('names the gates that failed', async () => {
    const folder = newFolder();
    const input = registrationOf(folder, 'weights');
    const gate = {
      name: 'rmse <= 1',
      kind: 'limit',
      metric: 'rmse',
      value: 1.5,
      severity: 'block',
      verdict: 'fail',
      effect: 'block',
      because: '',
    } as const;
    const gates = { ...input.gates, passed: false, verdict: 'fail' as const, gates: [gate] };
    await expect(registryIn(folder).registerVersion({ ...input, gates })).rejects.toThrow(/: rmse <= 1\./);
  });

  it('refuses a model file that is not what the manifest describes, or is not there', async () => {
    const folder = newFolder();
    const registry = registryIn(folder);
    const input = registrationOf(folder, 'weights');
    writeFileSync(input.files['model.onnx'] as string, 'cut o');
    await expect(registry.registerVersion(input)).rejects.toEqual(failsWith('MLOPS_MODEL_CORRUPT'));
    await expect(registry.registerVersion({ ...input, files: {} })).rejects.toEqual(
      failsWith('MLOPS_MODEL_CORRUPT'),
    );
    expect(await registry.events(MODEL)).toEqual([]);
  });

  it('refuses a name that would leave the folder', async () => {
    const folder = newFolder();
    const registry = registryIn(folder);
    const input = registrationOf(folder, 'weights');
    await expect(registry.registerVersion({ ...input, model: '../x' })).rejects.toEqual(
      failsWith('MLOPS_NAME'),
    );
    const files = { ...input.files, '../evil': input.files['model.onnx'] as string };
    await expect(registry.registerVersion({ ...input, files })).rejects.toEqual(failsWith('MLOPS_NAME'));
  });

  it('completes a registration that was cut off before its event', async () => {
    const folder = newFolder();
    const registry = await withVersions(folder, 1);
    const cutOff = (await registry.registerVersion(registrationOf(folder, 'weights 2'))).version;
    cutOffLastEvent(folder);
    expect([...(await registry.state(MODEL)).versions.keys()]).toEqual([1]);

    const { version, created } = await registry.registerVersion(registrationOf(folder, 'weights 3'));
    expect({ number: version.version, created }).toEqual({ number: 3, created: true });
    expect(await registry.readVersion(MODEL, 2)).toEqual(cutOff);
    expect([...(await registry.state(MODEL)).versions.keys()]).toEqual([1, 2, 3]);
  });

  it('completes its own registration that was cut off when it is run again', async () => {
    const folder = newFolder();
    const registry = registryIn(folder);
    const first = await registry.registerVersion(registrationOf(folder, 'weights'));
    cutOffLastEvent(folder);
    const again = await registry.registerVersion(registrationOf(folder, 'weights'));
    expect(again.version).toEqual(first.version);
    expect(await registry.readVersion(MODEL, 1)).toEqual(first.version);
  });

  it('makes one version of the same model and several of several when all come at once', async () => {
    const folder = newFolder();
    const contents = ['a', 'b', 'a', 'c', 'b', 'a'];
    const results = await Promise.all(
      contents.map((content) => registryIn(folder).registerVersion(registrationOf(folder, content))),
    );
    const numbers = results.map(({ version }) => version.version);
    expect([...new Set(numbers)].sort()).toEqual([1, 2, 3]);
    contents.forEach((content, index) => expect(numbers[index]).toBe(numbers[contents.indexOf(content)]));
    expect(await registryIn(folder).events(MODEL)).toHaveLength(3);
  });
});

/** As if the process had died after it wrote the version record. */
function cutOffLastEvent(folder: string): void {
  const log = join(folder, 'registry/models', MODEL, 'events.jsonl');
  const lines = readFileSync(log, 'utf8').split('\n');
  writeFileSync(log, [...lines.slice(0, -2), ''].join('\n'));
}

describe('a life of deployments', () => {
  it('can be told from its history', async () => {
    const folder = newFolder();
    const registry = await withVersions(folder, 2);
    const staging = { ...who, environment: 'staging' };
    const production = { ...who, environment: 'production' };

    expect(await registry.deploy({ ...staging, version: 1 })).toMatchObject({ changed: true });
    expect(await registry.deploy({ ...staging, version: 1 })).toMatchObject({ changed: false });
    await registry.promote({ ...production, from: 'staging' });
    await registry.deploy({ ...staging, version: 2 });
    const promoted = await registry.promote({ ...production, from: 'staging', reason: 'Tuesday' });
    expect(promoted).toMatchObject({ changed: true, deployment: { version: 2, reason: 'Tuesday' } });

    const { from, target: to } = await registry.rollback({ ...production, reason: 'misses late flights' });
    expect([from.version, to?.version]).toEqual([2, 1]);
    await expect(registry.promote({ ...production, from: 'staging' })).rejects.toEqual(
      failsWith('MLOPS_DIGEST_BLOCKED'),
    );
    await registry.release({ ...production, digest: from.digest, reason: 'the labels were wrong' });
    await registry.promote({ ...production, from: 'staging' });

    const state = await registry.state(MODEL);
    expect(state.deployments.get('production')).toMatchObject({ version: 2, seq: state.lastSeq });
    expect(state.past.get('production')?.map(({ version }) => version)).toEqual([1, 2, 1, 2]);
    expect((await registry.events(MODEL)).map(({ type }) => type)).toEqual([
      'registered',
      'registered',
      'deployed',
      'promoted',
      'deployed',
      'promoted',
      'rolled-back',
      'released',
      'promoted',
    ]);
  });

  it('names what is unknown', async () => {
    const registry = await withVersions(newFolder(), 1);
    await expect(registry.deploy({ ...who, environment: 'production', version: 2 })).rejects.toEqual(
      failsWith('MLOPS_UNKNOWN_VERSION'),
    );
    await expect(registry.readVersion(MODEL, 2)).rejects.toEqual(failsWith('MLOPS_UNKNOWN_VERSION'));
    const version = await registry.readVersion(MODEL, 1);
    await expect(registry.fetchFile(version, 'toString')).rejects.toThrow(/It holds: model\.onnx\./);
    await expect(registry.deploy({ ...who, environment: 'a/b', version: 1 })).rejects.toEqual(
      failsWith('MLOPS_NAME'),
    );
  });

  it('of a model that nobody registered is empty', async () => {
    const state = await registryIn(newFolder()).state('unknown');
    expect([state.versions.size, state.deployments.size, state.lastSeq]).toEqual([0, 0, 0]);
  });

  it('that somebody edited is not believed', async () => {
    const folder = newFolder();
    const registry = await withVersions(folder, 2);
    const log = join(folder, 'registry/models', MODEL, 'events.jsonl');
    writeFileSync(log, readFileSync(log, 'utf8').replace('"ada"', '"eve"'));
    await expect(registry.state(MODEL)).rejects.toEqual(failsWith('MLOPS_REGISTRY_TAMPERED'));
    await expect(registry.deploy({ ...who, environment: 'production', version: 1 })).rejects.toEqual(
      failsWith('MLOPS_REGISTRY_TAMPERED'),
    );
  });

  it.each([
    ['is gone', (file: string) => rmSync(file)],
    ['is empty', (file: string) => writeFileSync(file, '')],
    [
      'names other bytes',
      (file: string) =>
        writeFileSync(
          file,
          readFileSync(file, 'utf8').replaceAll(sha256OfBytes('weights 1'), 'a'.repeat(64)),
        ),
    ],
  ])('uses no version whose record %s', async (_, spoil) => {
    const folder = newFolder();
    const registry = await withVersions(folder, 1);
    spoil(join(folder, 'registry/models', MODEL, 'versions/1.json'));
    await expect(registry.readVersion(MODEL, 1)).rejects.toEqual(failsWith('MLOPS_REGISTRY_TAMPERED'));
  });
});

describe('a rollback to a version that takes or gives something else', () => {
  async function withTwoSignatures(): Promise<Registry> {
    const folder = newFolder();
    const registry = registryIn(folder);
    await registry.registerVersion(registrationOf(folder, 'weights 1'));
    const input = registrationOf(folder, 'weights 2');
    const outputs = [{ name: 'score', type: 'float32' as const, shape: [-1, 1] }];
    const manifest = { ...input.manifest, outputs, scoreOutput: 'score' };
    await registry.registerVersion({ ...input, manifest });
    for (const version of [1, 2]) await registry.deploy({ ...who, environment: 'production', version });
    return registry;
  }
  const back = { ...who, environment: 'production', reason: 'slow' };

  it('is refused with what differs, and nothing changes', async () => {
    const registry = await withTwoSignatures();
    const attempt = registry.rollback(back);
    await expect(attempt).rejects.toEqual(failsWith('MLOPS_SIGNATURE_DIFFERS'));
    await expect(attempt).rejects.toThrow(/it does not give the output "score"/);
    expect((await registry.state(MODEL)).deployments.get('production')?.version).toBe(2);
  });

  it('is done when it is forced, and the history says so', async () => {
    const registry = await withTwoSignatures();
    await registry.rollback({ ...back, force: true });
    expect((await registry.state(MODEL)).deployments.get('production')?.version).toBe(1);
    expect((await registry.events(MODEL)).at(-1)).toMatchObject({ forced: true, reason: 'slow' });
  });

  it('is not called forced where nothing differs', async () => {
    const registry = await withVersions(newFolder(), 2);
    for (const version of [1, 2]) await registry.deploy({ ...who, environment: 'production', version });
    await registry.rollback({ ...back, force: true });
    expect((await registry.events(MODEL)).at(-1)).not.toHaveProperty('forced');
  });
});

describe('cleaning', () => {
  it('removes the bytes of versions that nobody will go back to, and nothing else', async () => {
    const folder = newFolder();
    const registry = await withVersions(folder, 4);
    for (const version of [1, 2, 3]) await registry.deploy({ ...who, environment: 'production', version });
    const report = await registry.storeReport('{"checks":[]}');
    const policy = { served: { production: 2 }, newest: 1 };
    // Whatever is old enough: the clock of this registry is long past.
    expect(await registry.sweep({ grace: -1e13, dryRun: true })).toMatchObject({ blobs: 1 });
    expect(await registry.prune({ ...who, policy })).toEqual([1]);
    expect(await registry.prune({ ...who, policy })).toEqual([]);
    expect(await registry.sweep({ grace: -1e13 })).toMatchObject({ blobs: 2 });
    expect(await registry.sweep({ grace: -1e13 })).toEqual({ blobs: 0, bytes: 0 });

    await expect(registry.readReport(report)).rejects.toEqual(failsWith('MLOPS_REGISTRY_BLOB_MISSING'));
    for (const number of [2, 3, 4]) {
      await registry.fetchFile(await registry.readVersion(MODEL, number), 'model.onnx');
    }
    await expect(registry.deploy({ ...who, environment: 'staging', version: 1 })).rejects.toEqual(
      failsWith('MLOPS_VERSION_PRUNED'),
    );
    await expect(
      registry.rollback({ ...who, environment: 'production', reason: 'x', to: 1 }),
    ).rejects.toThrow(/gc removed its bytes/);
  });

  it('lets a model whose bytes went come back as a new version', async () => {
    const folder = newFolder();
    const registry = await withVersions(folder, 2);
    const policy = { served: {}, newest: 1 };
    expect(await registry.prune({ ...who, policy })).toEqual([1]);
    await registry.sweep({ grace: -1e13 });
    const again = await registry.registerVersion(registrationOf(folder, 'weights 1'));
    expect(again).toMatchObject({ created: true, version: { version: 3 } });
    await registry.fetchFile(again.version, 'model.onnx');
    await registry.deploy({ ...who, environment: 'production', version: 3 });
  });

  it('leaves bytes alone that a registration names while it is under way', async () => {
    const folder = newFolder();
    const registry = await withVersions(folder, 2);
    await registry.prune({ ...who, policy: { served: {}, newest: 1 } });
    const blobs = join(folder, 'registry/blobs/sha256');
    for (const name of readdirSync(blobs, { recursive: true }) as string[]) {
      utimesSync(join(blobs, name), 0, 0);
    }
    const again = registrationOf(folder, 'weights 1');
    class Beset extends FileRegistryDriver {
      override async removeBlobs(digests: readonly string[], before: number): Promise<string[]> {
        await registry.registerVersion(again);
        return super.removeBlobs(digests, before);
      }
    }
    const sweeper = new Registry(new Beset(join(folder, 'registry')));
    expect(await sweeper.sweep({ grace: 60_000 })).toEqual({ blobs: 0, bytes: 0 });
    await registry.fetchFile(await registry.readVersion(MODEL, 3), 'model.onnx');
  });

  it('leaves young bytes alone', async () => {
    const registry = openRegistry('file:registry', newFolder());
    await registry.storeReport('{}');
    expect(await registry.sweep({ grace: 60_000 })).toEqual({ blobs: 0, bytes: 0 });
  });
});

describe('any sequence of commands', () => {
  const environment = fc.constantFrom('staging', 'production');
  const command = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('deploy' as const),
        environment,
        version: fc.integer({ min: 1, max: 4 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('promote' as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('rollback' as const), environment }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('release' as const),
        environment,
        version: fc.integer({ min: 1, max: 3 }),
      }),
    },
  );
  type Command = typeof command extends fc.Arbitrary<infer Value> ? Value : never;

  /** @returns what serves in which environment afterwards, when the command was acknowledged */
  async function run(registry: Registry, each: Command): Promise<[string, number] | undefined> {
    switch (each.do) {
      case 'deploy': {
        await registry.deploy({ ...who, ...each });
        return [each.environment, each.version];
      }
      case 'promote': {
        const result = await registry.promote({ ...who, from: 'staging', environment: 'production' });
        return result.kind === 'serving' ? ['production', result.deployment.version] : undefined;
      }
      case 'rollback': {
        const { from, target } = await registry.rollback({ ...who, ...each, reason: 'bad' });
        expect(target?.digest).not.toBe(from.digest);
        return target === undefined ? undefined : [each.environment, target.version];
      }
      case 'release': {
        const digest = (await registry.state(MODEL)).versions.get(each.version) as string;
        await registry.release({ ...who, environment: each.environment, digest, reason: 'fine' });
        return undefined;
      }
    }
  }

  it('leaves a whole history whose state is what was acknowledged', async () => {
    const folder = newFolder();
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 14 }), async (commands) => {
        rmSync(join(folder, 'registry'), { recursive: true, force: true });
        const registry = await withVersions(folder, 3);
        const serving = new Map<string, number>();
        for (const each of commands) {
          const before = await registry.events(MODEL);
          try {
            const acknowledged = await run(registry, each);
            if (acknowledged !== undefined) serving.set(...acknowledged);
          } catch (error) {
            expect(error).toBeInstanceOf(MlopsError);
            expect(await registry.events(MODEL)).toEqual(before);
          }
          const events = await registry.events(MODEL);
          expect(events.slice(0, before.length)).toEqual(before);
          expect(events.length - before.length).toBeLessThanOrEqual(1);
          const state = await registry.state(MODEL);
          const current = [...state.deployments].map(([name, { version }]) => [name, version] as const);
          expect(new Map(current)).toEqual(serving);
          for (const [name, { digest }] of state.deployments) {
            expect(state.blocked.get(name)?.has(digest) ?? false).toBe(false);
          }
        }
      }),
      { numRuns: 12 },
    );
  }, 60_000);
});

describe('openRegistry', () => {
  const root = '/home/ada/my workspace';

  it.each([
    ['file:.mlops/registry', `${root}/.mlops/registry`],
    ['file:./models', `${root}/models`],
    ['file:../shared registry', '/home/ada/shared registry'],
    ['file:.mlops\\registry', `${root}/.mlops/registry`],
    ['file:/srv/registry/', '/srv/registry'],
    ['file:///srv/my%20registry', '/srv/my registry'],
  ])('takes %p', (url, folder) => {
    expect(openRegistry(url, root).description).toBe(resolve(folder));
  });

  it.each([
    's3://bucket/a prefix/',
    { url: 's3://bucket/a prefix', endpoint: 'https://s3.example.org', region: 'here', forcePathStyle: true },
  ])('takes %p, and loads and asks nothing', (config) => {
    expect(openRegistry(config, root).description).toBe('s3://bucket/a prefix');
  });

  it.each([
    ['mlflow:https://mlflow.example.org', 'mlflow:https://mlflow.example.org'],
    ['mlflow:http://localhost:5000/a/path/', 'mlflow:http://localhost:5000/a/path'],
  ])('takes %p, and asks nothing', (url, description) => {
    expect(openRegistry(url, root).description).toBe(description);
  });

  it('takes no password in an address, and does not repeat it', () => {
    const open = () => openRegistry('mlflow:https://ada:secret@mlflow.example.org', root);
    expect(open).toThrow(failsWith('MLOPS_REGISTRY_URL'));
    expect(open).toThrow(/MLFLOW_TRACKING_PASSWORD/);
    expect(open).not.toThrow(/secret/);
  });

  it.each([
    's3://',
    'mlflow:',
    'mlflow:mlflow.example.org',
    'mlflow:https://',
    'mlflow:https://mlflow.example.org?x=1',
    'file:',
    'file:  ',
    '.mlops/registry',
    'file://host/share',
    '',
  ])('refuses %p', (url) => {
    expect(() => openRegistry(url, root)).toThrow(failsWith('MLOPS_REGISTRY_URL'));
  });

  it('makes nothing before something is recorded', async () => {
    const folder = newFolder();
    const registry = openRegistry('file:registry', folder);
    expect(await registry.listModels()).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });
});
