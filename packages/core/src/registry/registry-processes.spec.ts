import { chmodSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import tmp from 'tmp';
import {
  compilePackage,
  describeRegistryProcesses,
  MODEL,
  startDeployer,
  withVersions,
  type RegistryPlace,
} from './registry-processes.fixture';

tmp.setGracefulCleanup();

async function inFolder(): Promise<RegistryPlace> {
  const root = tmp.dirSync({ unsafeCleanup: true, prefix: 'a registry ', mode: 0o755 }).name;
  return { config: { url: 'file:shared' }, root };
}
const modelFolder = ({ root }: RegistryPlace) => join(root, 'shared/models', MODEL);

// Another 140 are killed in e2e/registry.
describeRegistryProcesses('processes on a registry in a folder', inFolder, {
  rounds: 15,
  atOnce: 4,
  within: 30,
});

describe('a folder', () => {
  let code: string;
  beforeAll(() => {
    code = compilePackage();
  });

  it('holds nothing else when processes have written to it and were killed', async () => {
    const at = await inFolder();
    const registry = await withVersions(at, 2);
    const orders = { environment: 'production', versions: [1, 2], count: 10_000 };
    const deployers = [0, 1].map(() => startDeployer(code, at, orders));
    for (const { begin } of deployers) begin();
    while (deployers.some(({ acknowledged }) => acknowledged().length < 9)) await sleep(5);
    for (const { kill } of deployers) kill();
    await Promise.all(deployers.map(({ done }) => done));
    await registry.deploy({ model: MODEL, environment: 'after', version: 1, actor: 'ada' });
    const left = readdirSync(modelFolder(at)).filter((name) => !/^state\.json\..*\.tmp$/.test(name));
    expect(left.sort()).toEqual(['events.jsonl', 'state.json', 'versions']);
  }, 60_000);

  // A limit on the size of files cuts a write off in the middle, as a full disk does.
  (process.platform === 'win32' ? it.skip : it)(
    'takes back an event that found no room, and says so',
    async () => {
      const at = await inFolder();
      const registry = await withVersions(at, 2);
      const orders = { environment: 'production', versions: [1, 2], count: 100 };
      const limited = startDeployer(code, at, orders, { shell: 'ulimit -f 4' });
      limited.begin();
      expect(await limited.done).toBe(1);
      expect(limited.errors()).toMatch(/MLOPS_REGISTRY_DISK_FULL .*no space is left on the disk/);

      const log = join(modelFolder(at), 'events.jsonl');
      expect(readFileSync(log, 'utf8').endsWith('\n')).toBe(true);
      const events = await registry.events(MODEL);
      expect(events.slice(2).map(({ seq }) => seq)).toEqual(limited.acknowledged());
      expect(limited.acknowledged().length).toBeGreaterThan(0);

      const size = statSync(log).size;
      await registry.deploy({ model: MODEL, environment: 'after', version: 1, actor: 'ada' });
      expect(statSync(log).size).toBeGreaterThan(size);
    },
    60_000,
  );

  // Who runs this as root starts a process of nobody, whom permissions bind.
  (process.platform === 'win32' ? it.skip : it)(
    'that may not be written to says so, is as it was, and can be read',
    async () => {
      const at = await inFolder();
      const registry = await withVersions(at, 2);
      await registry.deploy({ model: MODEL, environment: 'production', version: 1, actor: 'ada' });
      const before = await registry.events(MODEL);
      chmodSync(modelFolder(at), 0o555);
      const orders = { environment: 'production', versions: [2], count: 1 };
      const uid = process.getuid?.() === 0 ? 65_534 : undefined;
      try {
        const refused = startDeployer(code, at, orders, { uid });
        refused.begin();
        expect(await refused.done).toBe(1);
        expect(refused.errors()).toMatch(/^MLOPS_REGISTRY_NOT_PERMITTED .*this user may not read or write/);
        const same = startDeployer(code, at, { ...orders, versions: [1] }, { uid });
        same.begin();
        expect([await same.done, same.acknowledged()]).toEqual([0, [3]]);
      } finally {
        chmodSync(modelFolder(at), 0o755);
      }
      expect(await registry.events(MODEL)).toEqual(before);
      expect(readdirSync(modelFolder(at)).sort()).toEqual(['events.jsonl', 'versions']);
    },
    60_000,
  );
});
