import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { transformFileSync } from '@swc/core';
import tmp from 'tmp';
import { openRegistry } from './open-registry';
import type { Registry } from './registry';
import { registrationOf } from './registration.fixture';

tmp.setGracefulCleanup();

const MODEL = 'flight-delay';
const SOURCE = resolve(__dirname, '..');

/** The package as it stands, in JavaScript, for processes of their own. */
function compilePackage(): string {
  const target = tmp.dirSync({ unsafeCleanup: true }).name;
  for (const entry of readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })) {
    if (!entry.endsWith('.ts') || /\.(spec|fixture)\.ts$/.test(entry)) continue;
    const { code } = transformFileSync(join(SOURCE, entry), {
      swcrc: false,
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'commonjs' },
    });
    const file = join(target, relative(SOURCE, join(SOURCE, entry)).replace(/\.ts$/, '.js'));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, code);
  }
  return target;
}

/**
 * Deploys versions 1 and 2 by turns in an environment of its own, and prints the sequence number of each deployment
 * when it is acknowledged.
 */
const deployer = `
  const [code, registryFolder, environment, count] = process.argv.slice(1);
  const { openRegistry } = require(code + '/registry/open-registry.js');
  (async () => {
    const registry = openRegistry('file:' + registryFolder, '/');
    for (let turn = 0; turn < Number(count); turn++) {
      const version = 1 + (turn % 2);
      const { deployment } = await registry.deploy({
        model: '${MODEL}', environment, version, actor: environment + ' ' + 'x'.repeat(100),
      });
      require('node:fs').writeSync(1, deployment.seq + '\\n');
    }
  })().catch((error) => { console.error(error.code, error.message); process.exitCode = 1; });
`;

let code: string;
beforeAll(() => {
  code = compilePackage();
});

interface Deployer {
  readonly child: ReturnType<typeof spawn>;
  readonly acknowledged: () => number[];
  readonly errors: () => string;
  readonly done: Promise<number | null>;
}

function startDeployer(folder: string, environment: string, count: number, shell?: string): Deployer {
  const args = ['-e', deployer, code, folder, environment, String(count)];
  const env = { ...process.env, NODE_PATH: join(SOURCE, '../../../node_modules') };
  const child =
    shell === undefined
      ? spawn(process.execPath, args, { env })
      : spawn('sh', ['-c', `${shell}; exec "$0" "$@"`, process.execPath, ...args], { env });
  let output = '';
  let errors = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return {
    child,
    acknowledged: () => output.split('\n').filter(Boolean).map(Number),
    errors: () => errors,
    done: once(child, 'close').then(([status]) => status as number | null),
  };
}

function isStarting({ child, acknowledged }: Deployer): boolean {
  return child.exitCode === null && acknowledged().length === 0;
}

async function newRegistry(): Promise<{ registry: Registry; folder: string }> {
  const parent = tmp.dirSync({ unsafeCleanup: true, prefix: 'a registry ' }).name;
  const folder = join(parent, 'shared');
  const registry = openRegistry(`file:${folder}`, '/');
  await registry.registerVersion(registrationOf(parent, 'weights 1', MODEL));
  await registry.registerVersion(registrationOf(parent, 'weights 2', MODEL));
  return { registry, folder };
}

it('loses no event and doubles none when eight processes write at once', async () => {
  const { registry, folder } = await newRegistry();
  const deployers = Array.from({ length: 8 }, (_, index) => startDeployer(folder, `env-${index}`, 6));
  expect(await Promise.all(deployers.map(({ done }) => done))).toEqual(deployers.map(() => 0));

  const events = await registry.events(MODEL);
  expect(events).toHaveLength(2 + 8 * 6);
  deployers.forEach(({ acknowledged }, index) => {
    const own = events.flatMap((event) =>
      event.type === 'deployed' && event.environment === `env-${index}` ? [event.seq] : [],
    );
    expect(acknowledged()).toEqual(own);
  });
  expect(readdirSync(join(folder, 'models', MODEL)).sort()).toEqual([
    'events.jsonl',
    'state.json',
    'versions',
  ]);
}, 120_000);

it('holds every acknowledged event, and goes on, after processes were killed at any moment', async () => {
  const { registry, folder } = await newRegistry();
  const acknowledged: number[] = [];
  for (let round = 0; round < 6; round++) {
    const pair = [0, 1].map((index) => startDeployer(folder, `env-${index}`, 10_000));
    while (pair.some(isStarting)) await sleep(5);
    await sleep(20 + Math.random() * 60);
    for (const { child } of pair) child.kill('SIGKILL');
    await Promise.all(pair.map(({ done }) => done));
    expect(pair.map(({ errors }) => errors())).toEqual(['', '']);
    acknowledged.push(...pair.flatMap((each) => each.acknowledged()));
    await registry.deploy({ model: MODEL, environment: 'after', version: 1 + (round % 2), actor: 'ada' });
  }
  const recorded = new Set((await registry.events(MODEL)).map(({ seq }) => seq));
  expect(acknowledged.filter((seq) => !recorded.has(seq))).toEqual([]);
  expect((await registry.state(MODEL)).past.get('after')).toHaveLength(6);
  expect(readdirSync(join(folder, 'models', MODEL)).sort()).toEqual([
    'events.jsonl',
    'state.json',
    'versions',
  ]);
}, 120_000);

// A limit on the size of files cuts a write off in the middle, as a full disk does.
(process.platform === 'win32' ? it.skip : it)(
  'takes back an event that found no room, and says so',
  async () => {
    const { registry, folder } = await newRegistry();
    const limited = startDeployer(folder, 'production', 100, 'ulimit -f 4');
    expect(await limited.done).toBe(1);
    expect(limited.errors()).toMatch(/MLOPS_REGISTRY_DISK_FULL .*no space is left on the disk/);

    const log = join(folder, 'models', MODEL, 'events.jsonl');
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
