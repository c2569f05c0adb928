import { join } from 'node:path';
import { mlopsConfigSchema, openRegistry } from '@nx-mlops/core';
import tmp from 'tmp';
import { gcRegistry } from './gc-registry';
import { registered } from './registered.fixture';

tmp.setGracefulCleanup();

async function bench() {
  const workspaceRoot = join(tmp.dirSync({ unsafeCleanup: true }).name, 'a workspace');
  const mlops = mlopsConfigSchema.parse({ environments: [{ name: 'production', keep: 2 }] });
  // A day later, so that nothing is young.
  const now = () => new Date(Date.now() + 25 * 3600 * 1000);
  const registry = openRegistry(mlops.registry, workspaceRoot, { now });
  for (const content of ['one', 'two', 'three', 'four', 'five', 'six']) {
    await registry.registerVersion(registered(workspaceRoot, { model: 'late', content }));
  }
  for (const version of [1, 2, 3]) {
    await registry.deploy({ model: 'late', environment: 'production', version, actor: 'ann' });
  }
  const printed: string[] = [];
  const request = {
    ...{ mlops, registry, actor: 'ann', keepDays: 1 },
    print: (line: string) => void printed.push(line),
  };
  return { registry, request, printed };
}

it('says in a dry run what would go, and removes nothing', async () => {
  const { registry, request, printed } = await bench();
  expect(await gcRegistry({ ...request, dryRun: true })).toEqual({ late: [1] });
  expect(printed.join('\n')).toMatch(/late +1\nNothing was removed/);
  await registry.fetchFile(await registry.readVersion('late', 1), 'model.onnx');
});

it('removes what nobody goes back to; the rest serves on', async () => {
  const { registry, request, printed } = await bench();
  expect(await gcRegistry(request)).toEqual({ late: [1] });
  expect(printed.at(-1)).toMatch(/Removed 1 file \(3 bytes\)/);
  const versions = await Promise.all(
    [1, 2, 3, 4, 5, 6].map((number) => registry.readVersion('late', number)),
  );
  const files = await Promise.allSettled(
    versions.map((version) => registry.fetchFile(version, 'model.onnx')),
  );
  expect(files.map(({ status }) => status)).toEqual(['rejected', ...Array<string>(5).fill('fulfilled')]);
  expect(
    await registry.rollback({ model: 'late', environment: 'production', actor: 'ann', reason: 'bad' }),
  ).toMatchObject({ target: { version: 2 } });
  expect(await gcRegistry(request)).toEqual({});
});
