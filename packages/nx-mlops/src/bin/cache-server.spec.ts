import execa, { type ExecaChildProcess } from 'execa';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import tmp from 'tmp';

tmp.setGracefulCleanup();
// Each case starts a process that loads TypeScript.
jest.setTimeout(120_000);
const trustedToken = 'trusted-0123456789';
const pullRequestToken = 'pull-request-0123456789';
const tokens = {
  NX_MLOPS_CACHE_TRUSTED_TOKEN: trustedToken,
  NX_MLOPS_CACHE_PULL_REQUEST_TOKEN: pullRequestToken,
};
const headers = { authorization: `Bearer ${trustedToken}` };
const processes: ExecaChildProcess[] = [];

function cacheServer(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): ExecaChildProcess {
  const loader = require.resolve('tsx/cjs');
  const child = execa(
    process.execPath,
    ['--require', loader, join(__dirname, 'nx-mlops.ts'), 'cache-server', `--store=file:a store`, ...args],
    { cwd: folder, reject: false, env },
  );
  processes.push(child);
  return child;
}

async function start(
  folder: string,
  ...args: readonly string[]
): Promise<{ child: ExecaChildProcess; url: string }> {
  const child = cacheServer(folder, ['--port=0', '--spool=a spool', ...args], tokens);
  let output = '';
  // Read until its end: a process whose output nobody takes any more would fail by it.
  child.stdout?.on('data', (chunk) => (output += String(chunk)));
  let isOver = false;
  void child.then(() => (isOver = true));
  for (;;) {
    const url = /listening on (\S+),/.exec(output)?.[1];
    if (url !== undefined) return { child, url };
    if (isOver) throw new Error(`It did not start: ${output} ${(await child).stderr}`);
    await setTimeout(20);
  }
}

const temporaryFolder = () => {
  const folder = join(tmp.dirSync({ unsafeCleanup: true }).name, 'a folder');
  mkdirSync(folder);
  return folder;
};

afterEach(async () => {
  for (const child of processes.splice(0)) {
    child.kill('SIGKILL');
    await child;
  }
});

describe('nx-mlops cache-server', () => {
  it('understands the client of Nx, and what it refuses fails no task', async () => {
    const folder = temporaryFolder();
    const { child, url } = await start(folder, '--max-entry-size=10kB');
    mkdirSync(join(folder, 'outputs/small'), { recursive: true });
    mkdirSync(join(folder, 'outputs/big'));
    writeFileSync(join(folder, 'outputs/small/model.txt'), 'a model');
    writeFileSync(join(folder, 'outputs/big/model.bin'), randomBytes(1_000_000));
    const nx = join(dirname(require.resolve('nx/package.json')), 'dist/src/native');
    const client = async (token: string, script: string) => {
      const { stdout } = await execa(
        process.execPath,
        [
          '-e',
          `const cache = new (require(${JSON.stringify(nx)}).HttpRemoteCache)();
           const get = async (hash) => (await cache.retrieve(hash, 'restored'))?.terminalOutput ?? null;
           const put = (hash) => cache.store(hash, 'outputs', 'printed', 0);
           const said = (error) => error.message;
           (async () => console.log(JSON.stringify(${script})))();`,
        ],
        {
          cwd: folder,
          env: { NX_SELF_HOSTED_REMOTE_CACHE_SERVER: url, NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: token },
        },
      );
      return JSON.parse(stdout);
    };
    const own = `${pullRequestToken}.pr-1`;
    expect(await client(own, `[await get('small'), await put('small'), await get('small')]`)).toEqual([
      null,
      true,
      'printed',
    ]);
    // True is taken in, false is not, and either way the task is done.
    expect(
      await client(
        trustedToken,
        `[await get('small'), await put('small'), await put('small'), await get('small'), await put('big'), await put('big')]`,
      ),
    ).toEqual([null, true, false, 'printed', false, false]);
    expect(readFileSync(join(folder, 'restored/small/model.txt'), 'utf8')).toBe('a model');
    expect(await client('wrong', `[await get('small').catch(said), await put('small').catch(said)]`)).toEqual(
      [
        expect.stringMatching(/^Unauthorized: The token is none of/),
        expect.stringMatching(/^Unauthorized: The token is none of/),
      ],
    );

    child.kill('SIGTERM');
    expect((await child).exitCode).toBe(0);
    expect(readdirSync(join(folder, 'a spool'))).toEqual([]);
  });

  it('killed amid an upload has nothing half after it starts again', async () => {
    const folder = temporaryFolder();
    const first = await start(folder);
    const spool = join(folder, 'a spool', `${first.child.pid}`);
    const sent = request(`${first.url}/v1/cache/1`, { method: 'PUT', headers });
    sent.on('error', () => undefined);
    sent.write('half');
    while (readdirSync(spool).length === 0) await setTimeout(10);
    first.child.kill('SIGKILL');
    await first.child;
    expect(readdirSync(spool)).toHaveLength(1);

    const second = await start(folder);
    expect(readdirSync(join(folder, 'a spool'))).toEqual([`${second.child.pid}`]);
    const get = async () => await fetch(`${second.url}/v1/cache/1`, { headers });
    expect((await get()).status).toBe(404);
    const put = await fetch(`${second.url}/v1/cache/1`, { method: 'PUT', headers, body: 'whole' });
    expect(put.status).toBe(200);
    expect(await (await get()).text()).toBe('whole');
  });

  const linux = existsSync('/proc/self/status') ? it : it.skip;
  linux('takes and gives 300 MB in the memory that it has anyway', async () => {
    const { child, url } = await start(temporaryFolder());
    /** The most that was resident since it started. Bytes. */
    const peak = () =>
      1024 * Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]);
    const before = peak();
    const part = randomBytes(1_000_000);
    const digest = createHash('sha256');
    function* parts() {
      for (let count = 0; count < 300; count++) {
        digest.update(part);
        yield part;
      }
    }
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(`${url}/v1/cache/big`, { method: 'PUT', headers }, (response) =>
        resolve(response.resume().statusCode),
      ).on('error', reject);
      Readable.from(parts()).pipe(sent);
    });
    expect(status).toBe(200);
    const received = createHash('sha256');
    const response = await fetch(`${url}/v1/cache/big`, { headers });
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) received.update(chunk);
    expect(received.digest('hex')).toBe(digest.digest('hex'));
    expect(peak() - before).toBeLessThan(150_000_000);
  });

  it.each([
    [['--host=0.0.0.0'], {}, /MLOPS_CACHE_OPEN .*0\.0\.0\.0/],
    [
      [],
      { NX_MLOPS_CACHE_READ_TOKEN: 'read-0123456789abc' },
      /MLOPS_CACHE_TOKENS .*TRUSTED_TOKEN is missing/,
    ],
    [['--max-size=1MB'], {}, /MLOPS_USAGE --max-entry-size is more/],
    [['--port=70000'], {}, /MLOPS_USAGE --port takes a whole number from 0 to 65535/],
  ])('does not start with %j', async (args, env, message) => {
    const { exitCode, stderr } = await cacheServer(temporaryFolder(), args, env);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(message);
  });
});
