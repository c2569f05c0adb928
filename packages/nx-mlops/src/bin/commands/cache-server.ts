import { MlopsError, openObjectStore } from '@nx-mlops/core';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { CacheServer } from '../../cache-server/cache-server';
import { CacheStore } from '../../cache-server/cache-store';
import { Figures } from '../../cache-server/figures';
import { assertMayListen } from '../../cache-server/listen-address';
import { Spool } from '../../cache-server/spool';
import { CacheTokens } from '../../cache-server/tokens';
import type { Command } from '../command';
import { numberOption, parseOptions } from '../parse-options';
import { sizeOption } from '../size-option';

const defaults = {
  host: '127.0.0.1',
  port: '3377',
  'max-entry-size': '4GB',
  'max-size': '50GB',
  'max-pull-request-size': '20GB',
  'max-uploads': '16',
  'max-downloads': '64',
  'idle-timeout': '60',
  'request-timeout': '3600',
  grace: '30',
} as const;

export const cacheServer: Command = {
  help: `nx-mlops cache-server --store=<address> [options]

A remote cache for Nx on a folder or a bucket. Builds of trusted branches and of pull requests have different tokens: a
pull request reads what trusted branches wrote and writes where they never read. An entry is written once. See
docs/cache-server.md.

  --store <address>               file:<folder> or s3://<bucket>/<prefix>; for this cache alone
  --host <address>                where to listen (default ${defaults.host}); where other machines reach it, it needs tokens
  --port <number>                 (default ${defaults.port}; 0 takes a free one)
  --max-entry-size <size>         bytes, or such as 500MB (default ${defaults['max-entry-size']})
  --max-size <size>               of all trusted entries; the longest unused go (default ${defaults['max-size']})
  --max-pull-request-size <size>  of all entries of all pull requests (default ${defaults['max-pull-request-size']})
  --max-uploads <number>          at once; others wait (default ${defaults['max-uploads']})
  --max-downloads <number>        at once; others wait (default ${defaults['max-downloads']})
  --idle-timeout <seconds>        of a transfer that stands still (default ${defaults['idle-timeout']})
  --request-timeout <seconds>     of a whole upload, the wait included (default ${defaults['request-timeout']})
  --grace <seconds>               for what is under way after SIGTERM (default ${defaults.grace})
  --spool <folder>                where uploads lie until they are whole (default in the system's temporary folder)
  --help                          this text

Tokens come from the environment: NX_MLOPS_CACHE_TRUSTED_TOKEN, NX_MLOPS_CACHE_PULL_REQUEST_TOKEN, which a build sends
with the name of the pull request behind a dot (<token>.pr-123), and NX_MLOPS_CACHE_READ_TOKEN.
`,

  async run(args) {
    const values = parseOptions('cache-server', args, {
      store: { type: 'string' },
      host: { type: 'string', default: defaults.host },
      port: { type: 'string', default: defaults.port },
      'max-entry-size': { type: 'string', default: defaults['max-entry-size'] },
      'max-size': { type: 'string', default: defaults['max-size'] },
      'max-pull-request-size': { type: 'string', default: defaults['max-pull-request-size'] },
      'max-uploads': { type: 'string', default: defaults['max-uploads'] },
      'max-downloads': { type: 'string', default: defaults['max-downloads'] },
      'idle-timeout': { type: 'string', default: defaults['idle-timeout'] },
      'request-timeout': { type: 'string', default: defaults['request-timeout'] },
      grace: { type: 'string', default: defaults.grace },
      spool: { type: 'string', default: join(tmpdir(), `nx-mlops-cache-server-${userInfo().uid}`) },
    });
    if (values.store === undefined) {
      throw new MlopsError('MLOPS_USAGE', '--store is missing. See nx-mlops cache-server --help.');
    }
    const whole = (name: 'port' | 'max-uploads' | 'max-downloads', least: number, most: number) =>
      wholeOption(name, values[name], least, most);
    const seconds = (name: 'idle-timeout' | 'request-timeout' | 'grace') =>
      1000 * numberOption(name, values[name]);
    const maxEntryBytes = sizeOption('max-entry-size', values['max-entry-size']);
    const maxBytes = {
      trusted: sizeOption('max-size', values['max-size']),
      'pull-request': sizeOption('max-pull-request-size', values['max-pull-request-size']),
    };
    if (maxEntryBytes > Math.min(maxBytes.trusted, maxBytes['pull-request'])) {
      throw new MlopsError(
        'MLOPS_USAGE',
        '--max-entry-size is more than --max-size or --max-pull-request-size: such an entry would be removed at once. Lower the one or raise the other.',
      );
    }
    const port = whole('port', 0, 65_535);
    const limits = {
      maxUploads: whole('max-uploads', 1, 10_000),
      maxDownloads: whole('max-downloads', 1, 10_000),
      idleMs: seconds('idle-timeout'),
      requestMs: seconds('request-timeout'),
    };
    const graceMs = seconds('grace');
    const tokens = CacheTokens.fromEnvironment(process.env);
    assertMayListen(values.host, tokens.areSet);

    // Who read the log may go, and builds still need the cache.
    process.stdout.on('error', () => undefined);
    const log = (line: string) => console.log(`${new Date().toISOString()} ${line}`);
    const figures = new Figures();
    const store = openObjectStore(values.store, { workspaceRoot: process.cwd() });
    const spool = await Spool.open(resolve(values.spool));
    try {
      const cache = await CacheStore.open({ store, maxBytes, figures, log });
      const stopped = signalled();
      const server = await CacheServer.start({
        cache,
        spool,
        tokens,
        figures,
        log,
        host: values.host,
        port,
        maxEntryBytes,
        ...limits,
      });
      const count = cache.total('trusted').count + cache.total('pull-request').count;
      if (!tokens.areSet) log('no tokens are set: everybody on this machine may read and write all entries');
      log(`listening on ${server.url}, ${count} entries in ${store.description}`);
      log(`${await stopped}: waiting for what is under way`);
      await server.stop(graceMs);
    } finally {
      await spool.close();
    }
    return true;
  },
};

function signalled(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
}

function wholeOption(name: string, text: string, least: number, most: number): number {
  const value = numberOption(name, text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new MlopsError(
    'MLOPS_USAGE',
    `--${name} takes a whole number from ${least} to ${most}, not "${text}".`,
  );
}
