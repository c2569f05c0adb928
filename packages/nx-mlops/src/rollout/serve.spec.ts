import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MlopsError, mlopsConfigSchema } from '@nx-mlops/core';
import tmp from 'tmp';
import { isAlive } from '../training/abandoned-folders';
import { serveModels, type ServeRequest } from './serve';

tmp.setGracefulCleanup();

function bench(program?: string) {
  const workspaceRoot = join(tmp.dirSync({ unsafeCleanup: true }).name, 'a workspace');
  mkdirSync(workspaceRoot, { recursive: true });
  if (program !== undefined) {
    const folder = join(workspaceRoot, 'node_modules', '@nx-mlops', 'server');
    mkdirSync(folder, { recursive: true });
    const manifest = { name: '@nx-mlops/server', bin: { 'nx-mlops-server': './main.js' } };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(folder, 'main.js'), program);
  }
  const printed: string[] = [];
  const abort = new AbortController();
  let onLine: (line: string) => void = () => undefined;
  const request: ServeRequest = {
    project: {
      workspaceRoot,
      name: '@acme/late',
      root: 'ml/late',
      folder: join(workspaceRoot, 'ml', 'late'),
    },
    mlops: mlopsConfigSchema.parse({ environments: [{ name: 'staging' }, { name: 'production' }] }),
    env: { PATH: process.env['PATH'] },
    signal: abort.signal,
    print: (line) => {
      printed.push(line);
      onLine(line);
    },
  };
  const printedLine = () => new Promise<string>((resolve) => (onLine = resolve));
  return { request, printed, abort, printedLine };
}

async function failureOf(promise: Promise<unknown>): Promise<MlopsError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof MlopsError)) throw new Error(`expected an MlopsError, got ${String(error)}`);
  return error;
}

const showArguments = 'console.log(JSON.stringify(process.argv.slice(2)));';

it.each([
  ['this model of the first environment', {}, ['--environment', 'staging', '--models', 'acme-late']],
  [
    'what it is told',
    { environment: 'production', models: ['a', '@b/c'], host: '0.0.0.0', port: 0 },
    ['--environment', 'production', '--models', 'a,b-c', '--host', '0.0.0.0', '--port', '0'],
  ],
])('serves %s', async (_what, options, args) => {
  const { request, printed } = bench(showArguments);
  await serveModels({ ...request, ...options });
  expect(JSON.parse(printed.join(''))).toEqual(['--registry', 'file:.mlops/registry', ...args]);
});

it('says where a registry in S3 is', async () => {
  const { request, printed } = bench(showArguments);
  const mlops = mlopsConfigSchema.parse({
    registry: {
      url: 's3://models/team',
      endpoint: 'https://s3.example.org',
      region: 'here',
      forcePathStyle: true,
    },
    environments: [{ name: 'staging' }],
  });
  await serveModels({ ...request, mlops });
  expect((JSON.parse(printed.join('')) as string[]).slice(0, 8)).toEqual([
    ...['--registry', 's3://models/team', '--registry-endpoint', 'https://s3.example.org'],
    ...['--registry-region', 'here', '--registry-path-style', 'yes'],
  ]);
});

it('tells the server whose signatures count where an environment requires one', async () => {
  const { request, printed } = bench(showArguments);
  const environments = [{ name: 'staging' }, { name: 'production', signature: 'require' }];
  const mlops = mlopsConfigSchema.parse({
    signing: { publicKeys: ['keys/a.pem', 'keys/b.pem'] },
    environments,
  });
  await serveModels({ ...request, mlops, environment: 'production' });
  await serveModels({ ...request, mlops, environment: 'staging' });
  const [production, staging] = printed.map((line) => JSON.parse(line) as string[]);
  expect(production).toEqual(expect.arrayContaining(['--public-keys', 'keys/a.pem,keys/b.pem']));
  expect(staging).not.toContain('--public-keys');
  const unsaid = mlopsConfigSchema.parse({ environments });
  expect((await failureOf(serveModels({ ...request, mlops: unsaid, environment: 'production' }))).code).toBe(
    'MLOPS_SIGNING_NOT_CONFIGURED',
  );
});

it('prints what the server prints, and ends well when it is stopped, leaving no process', async () => {
  const { request, printed, abort, printedLine } = bench(
    `process.on('SIGTERM', () => { console.log('drained'); process.exit(0); }); console.log(process.pid); setInterval(() => {}, 1000);`,
  );
  const first = printedLine();
  const serving = serveModels(request);
  const pid = Number(await first);
  abort.abort(new MlopsError('MLOPS_INTERRUPTED', 'Stopped by SIGTERM.'));
  await serving;
  expect(printed).toEqual([String(pid), 'drained']);
  expect(isAlive(pid)).toBe(false);
});

it('fails when the server does', async () => {
  const { request, printed } = bench(`console.error('port taken'); process.exit(1);`);
  const error = await failureOf(serveModels(request));
  expect(error.message).toMatch(/The server of "@acme\/late" ended with exit code 1/);
  expect(printed).toEqual(['port taken']);
});

it('says what to install when the server is not there', async () => {
  const { request } = bench();
  expect((await failureOf(serveModels(request))).message).toMatch(/npm i -D @nx-mlops\/server/);
});

it('names the nearest environment', async () => {
  const { request } = bench(showArguments);
  const error = await failureOf(serveModels({ ...request, environment: 'prod' }));
  expect(error.code).toBe('MLOPS_UNKNOWN_ENVIRONMENT');
});
