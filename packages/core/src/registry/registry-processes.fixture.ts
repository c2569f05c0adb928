import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { transformFileSync } from '@swc/core';
import tmp from 'tmp';
import type { RegistryConfig } from '../config/mlops-config';
import { openRegistry } from './open-registry';
import { registrationOf } from './registration.fixture';
import type { Registry } from './registry';

tmp.setGracefulCleanup();

export const MODEL = 'flight-delay';
const SOURCE = resolve(__dirname, '..');

/** The package as it stands, in JavaScript, for processes of their own. */
export function compilePackage(): string {
  const target = tmp.dirSync({ unsafeCleanup: true, mode: 0o755 }).name;
  for (const entry of readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })) {
    if (!entry.endsWith('.ts') || /\.(spec|fixture)\.ts$/.test(entry)) continue;
    const { code } = transformFileSync(join(SOURCE, entry), {
      swcrc: false,
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'commonjs' },
    });
    const file = join(target, entry.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, code);
  }
  return target;
}

/**
 * Says that it is ready, waits for a line, then deploys as it is told, and prints the sequence number of each deployment
 * when it is acknowledged. `versions` are deployed one after the other, over and over.
 */
const deployer = `
  const [code, config, root, orders] = process.argv.slice(1);
  const { openRegistry } = require(code + '/registry/open-registry.js');
  const { environment, versions, count, seen } = JSON.parse(orders);
  (async () => {
    const registry = openRegistry(JSON.parse(config), root);
    require('node:fs').writeSync(1, 'ready\\n');
    await new Promise((resolve) => process.stdin.once('data', resolve));
    for (let turn = 0; turn < count; turn++) {
      const { deployment } = await registry.deploy({
        model: '${MODEL}', environment, version: versions[turn % versions.length], seen,
        actor: environment + ' ' + 'x'.repeat(100),
      });
      require('node:fs').writeSync(1, deployment.seq + '\\n');
    }
    process.exit(0);
  })().catch((error) => { console.error(error.code, error.message); process.exit(1); });
`;

export interface Orders {
  readonly environment: string;
  readonly versions: readonly number[];
  readonly count: number;
  readonly seen?: number;
}

export interface Deployer {
  /** Resolves when it waits to begin. */
  readonly ready: Promise<void>;
  readonly begin: () => void;
  readonly kill: () => void;
  readonly acknowledged: () => number[];
  readonly errors: () => string;
  /** Its exit code; null when it was killed. */
  readonly done: Promise<number | null>;
}

/** @param shell runs before the program, in the same process, such as `ulimit -f 4` */
export function startDeployer(
  code: string,
  { config, root }: RegistryPlace,
  orders: Orders,
  options: { readonly shell?: string; readonly uid?: number } = {},
): Deployer {
  const args = ['-e', deployer, code, JSON.stringify(config), root, JSON.stringify(orders)];
  const { shell, uid } = options;
  const env = { ...process.env, NODE_PATH: join(SOURCE, '../../../node_modules') };
  const child =
    shell === undefined
      ? spawn(process.execPath, args, { env, uid, gid: uid })
      : spawn('sh', ['-c', `${shell}; exec "$0" "$@"`, process.execPath, ...args], { env });
  let output = '';
  let errors = '';
  const done = once(child, 'close').then(([status]) => status as number | null);
  const ready = new Promise<void>((started) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      started();
    });
    void done.then(() => started());
  });
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  // One that is killed may be gone before it is told to begin.
  child.stdin?.on('error', () => undefined);
  return {
    ready,
    begin: () => child.stdin?.write('begin\n'),
    kill: () => child.kill('SIGKILL'),
    acknowledged: () => output.split('\n').filter(Boolean).slice(1).map(Number),
    errors: () => errors,
    done,
  };
}

/** Where a registry is that several processes use. */
export interface RegistryPlace {
  readonly config: RegistryConfig;
  /** Absolute. */
  readonly root: string;
}

export async function withVersions({ config, root }: RegistryPlace, count: number): Promise<Registry> {
  const registry = openRegistry(config, root);
  const folder = tmp.dirSync({ unsafeCleanup: true }).name;
  for (let version = 1; version <= count; version++) {
    await registry.registerVersion(registrationOf(folder, `weights ${version}`, MODEL));
  }
  return registry;
}

/**
 * What holds for any registry that many processes use at once, as Jest cases.
 *
 * @param place gives an empty registry
 * @param kills how often so many processes are killed at once, each so soon after the one before at most (ms)
 */
export function describeRegistryProcesses(
  name: string,
  place: () => Promise<RegistryPlace>,
  kills: { readonly rounds: number; readonly atOnce: number; readonly within: number },
): void {
  describe(name, () => {
    let code: string;
    beforeAll(() => {
      code = compilePackage();
    });

    async function startTogether(at: RegistryPlace, orders: readonly Orders[]): Promise<Deployer[]> {
      const deployers = orders.map((each) => startDeployer(code, at, each));
      await Promise.all(deployers.map(({ ready }) => ready));
      for (const { begin } of deployers) begin();
      return deployers;
    }

    it('loses no event and doubles none when eight processes write at once', async () => {
      const at = await place();
      const registry = await withVersions(at, 2);
      const orders = Array.from({ length: 8 }, (_, index) => ({
        ...{ environment: `env-${index}`, versions: [1, 2], count: 6 },
      }));
      const deployers = await startTogether(at, orders);
      expect(await Promise.all(deployers.map(({ done }) => done))).toEqual(deployers.map(() => 0));

      const events = await registry.events(MODEL);
      expect(events).toHaveLength(2 + 8 * 6);
      deployers.forEach(({ acknowledged }, index) => {
        const own = events.flatMap((event) =>
          event.type === 'deployed' && event.environment === `env-${index}` ? [event.seq] : [],
        );
        expect(acknowledged()).toEqual(own);
      });
    }, 120_000);

    it('records or refuses as superseded each of 32 versions that come at once, and nothing else', async () => {
      const at = await place();
      const registry = await withVersions(at, 32);
      const { lastSeq } = await registry.state(MODEL);
      const orders = Array.from({ length: 32 }, (_, index) => ({
        ...{ environment: 'production', versions: [index + 1], count: 1, seen: lastSeq },
      }));
      const deployers = await startTogether(at, orders);
      const codes = await Promise.all(deployers.map(({ done }) => done));

      const recorded = (await registry.events(MODEL)).slice(lastSeq);
      const versions = recorded.map((event) => (event.type === 'deployed' ? event.version : undefined));
      // Each that came after another was newer than it.
      expect(versions).toEqual([...versions].sort((a, b) => Number(a) - Number(b)));
      expect(new Set(versions).size).toBe(versions.length);
      expect(versions.at(-1)).toBe(32);
      deployers.forEach(({ acknowledged, errors }, index) => {
        const event = recorded.find((each) => each.type === 'deployed' && each.version === index + 1);
        if (event !== undefined) expect([codes[index], acknowledged()]).toEqual([0, [event.seq]]);
        else expect([codes[index], errors()]).toEqual([1, expect.stringMatching(/^MLOPS_SUPERSEDED /)]);
      });
    }, 180_000);

    it(`holds every acknowledged event, and goes on, after ${kills.rounds * kills.atOnce} processes were killed at any moment`, async () => {
      const at = await place();
      const registry = await withVersions(at, 2);
      const acknowledged: number[] = [];
      for (let round = 0; round < kills.rounds; round++) {
        const orders = Array.from({ length: kills.atOnce }, (_, index) => ({
          ...{ environment: `env-${index}`, versions: [1, 2], count: 10_000 },
        }));
        const deployers = await startTogether(at, orders);
        for (const { kill } of deployers) {
          await sleep(Math.random() * kills.within);
          kill();
        }
        await Promise.all(deployers.map(({ done }) => done));
        expect(deployers.map(({ errors }) => errors()).join('')).toBe('');
        acknowledged.push(...deployers.flatMap((each) => each.acknowledged()));
        const version = 1 + (round % 2);
        await registry.deploy({ model: MODEL, environment: 'after', version, actor: 'ada' });
        expect((await registry.summary(MODEL)).environments['after']?.deployment?.version).toBe(version);
      }
      const events = await openRegistry(at.config, at.root).events(MODEL);
      const recorded = new Set(events.map(({ seq }) => seq));
      expect(acknowledged.length).toBeGreaterThan(0);
      expect(acknowledged.filter((seq) => !recorded.has(seq))).toEqual([]);
      expect((await registry.state(MODEL)).past.get('after')).toHaveLength(kills.rounds);
    }, 600_000);
  });
}
