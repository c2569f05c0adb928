import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './run.mjs';
import { repository } from './tarballs.mjs';

/** Of https://github.com/versity/versitygw: an S3 server over a folder, with conditional writes. */
const VERSION = 'v1.8.0';
const PACKAGE = `github.com/versity/versitygw/cmd/versitygw@${VERSION}`;
const INSTALL_ATTEMPTS = 3;
const READY_SECONDS = 30;

/** What its one user is called; the server listens on the loopback interface alone. */
export const s3Credentials = { AWS_ACCESS_KEY_ID: 'nx-mlops', AWS_SECRET_ACCESS_KEY: 'only-on-loopback' };

/**
 * A real S3 server for tests, installed by Go into tmp/tools the first time.
 *
 * @param {string} folder for its files; `<folder>/objects/<bucket>/<key>` holds the bytes of an object
 * @param {number} port a free one
 * @param {{ buckets?: string[] }} [options] buckets to make
 * @returns {Promise<{ endpoint: string, stop: () => Promise<void> }>}
 */
export async function startS3Server(folder, port, { buckets = [] } = {}) {
  const program = await installed();
  const objects = join(folder, 'objects');
  for (const bucket of ['', ...buckets]) await mkdir(join(objects, bucket), { recursive: true });
  const environment = {
    ...process.env,
    ROOT_ACCESS_KEY_ID: s3Credentials.AWS_ACCESS_KEY_ID,
    ROOT_SECRET_ACCESS_KEY: s3Credentials.AWS_SECRET_ACCESS_KEY,
  };
  const args = ['--port', `127.0.0.1:${port}`, '--quiet', '--keep-alive', 'posix'];
  // Extended attributes, where it keeps etags, are not on every file system of a CI machine.
  const metadata = join(folder, 'metadata');
  await mkdir(metadata, { recursive: true });
  const child = spawn(program, [...args, '--sidecar', metadata, objects], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk) => (output += chunk));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const endpoint = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + READY_SECONDS * 1000;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The S3 server ended with ${child.exitCode}:\n${output}`);
    // It refuses a request without a signature, which says that it is there.
    if (await fetch(endpoint).then(Boolean, () => false)) break;
    if (Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`The S3 server did not answer within ${READY_SECONDS} s:\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    endpoint,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** The program, built once for this checkout. */
async function installed() {
  const folder = join(repository, 'tmp/tools', `versitygw-${VERSION}`);
  const program = join(folder, process.platform === 'win32' ? 'versitygw.exe' : 'versitygw');
  if (existsSync(program)) return program;
  const making = `${folder}.${process.pid}`;
  let output = '';
  for (let attempt = 1; attempt <= INSTALL_ATTEMPTS; attempt++) {
    await rm(making, { recursive: true, force: true });
    await mkdir(making, { recursive: true });
    const result = await run('go', ['install', PACKAGE], {
      cwd: repository,
      env: { GOBIN: making, GOFLAGS: '-buildvcs=false' },
      timeout: 600_000,
    }).catch((error) => ({ code: 1, output: String(error) }));
    if (result.code === 0) {
      await rename(making, folder).catch((error) => {
        // Another run was first; its program is as good.
        if (!existsSync(program)) throw error;
      });
      return program;
    }
    output = result.output;
    await new Promise((resolve) => setTimeout(resolve, attempt * 2000));
  }
  throw new Error(
    `The S3 server of the tests could not be installed: go install ${PACKAGE} failed ${INSTALL_ATTEMPTS} times. Go 1.24 or newer and its module proxy are needed.\n${output}`,
  );
}
