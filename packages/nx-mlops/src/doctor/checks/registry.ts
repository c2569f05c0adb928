import { readdir, readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import {
  assertConditionalWrites,
  messageOf,
  openObjectStore,
  registryOf,
  type MlopsConfig,
  type Registry,
} from '@nx-mlops/core';
import { openWorkspaceRegistry } from '../../rollout/open-workspace-registry';
import { plural } from '../../reporting/format';
import { ok, problem, skipped, warning, type Finding } from '../finding';
import { unreadConfig } from '../unread-config';
import { whyNotWritable } from '../writable-folder';
import type { Check, Surroundings } from '../surroundings';

const READ = 'registry';
const WRITE = 'registry: writing';
/** Broken histories that are told of one by one. */
const SHOWN = 5;
/** A lock older than this was left behind. ms; the lease of a lock */
const LEASE = 30_000;

/** Whether the registry can be reached and read, each model's history is whole, and, as far as can be told, written. */
export const registryCheck: Check = {
  name: READ,
  async run(surroundings) {
    const { mlops, workspaceRoot } = surroundings;
    if (mlops === undefined) return [unreadConfig(READ), unreadConfig(WRITE)];
    const registry = openWorkspaceRegistry(mlops, workspaceRoot);
    const reading = await judgeReading(registry, surroundings);
    const isUnread = reading.some(({ verdict }) => verdict === 'problem');
    const writing = await judgeWriting(registry, mlops, surroundings, isUnread).catch((error: unknown) => [
      problem(WRITE, messageOf(error)),
    ]);
    return [...reading, ...writing];
  },
};

async function judgeReading(registry: Registry, { isCi, workspaceRoot }: Surroundings): Promise<Finding[]> {
  let summaries;
  try {
    summaries = await registry.summaries();
  } catch (error) {
    return [problem(READ, messageOf(error))];
  }
  const broken = summaries.flatMap(({ model, error }) =>
    error === undefined ? [] : [problem(READ, `the history of ${model}: ${error.message}`)],
  );
  if (broken.length > SHOWN) {
    return [...broken.slice(0, SHOWN), problem(READ, `${broken.length - SHOWN} more histories are broken`)];
  }
  if (broken.length > 0) return broken;
  const found = `${registry.description}: ${plural(summaries.length, 'model')}, each history whole`;
  if (isCi && isInside(registry.description, workspaceRoot)) {
    return [
      warning(
        READ,
        `${registry.description} lies in the checkout, which a CI job throws away: what is deployed is forgotten`,
        'Name a registry that jobs share in mlops.json: s3://<bucket>/<prefix>, mlflow:<address>, or file:<folder> on a drive that they mount (docs/registry.md).',
      ),
    ];
  }
  return [ok(READ, found)];
}

/** The description of a registry in a folder is the folder. */
function isInside(folder: string, workspaceRoot: string): boolean {
  if (!isAbsolute(folder)) return false;
  const path = relative(workspaceRoot, folder);
  return !path.startsWith('..') && !isAbsolute(path);
}

async function judgeWriting(
  { description }: Registry,
  mlops: MlopsConfig,
  { mayWrite, workspaceRoot }: Surroundings,
  isUnread: boolean,
): Promise<Finding[]> {
  const { url, ...location } = registryOf(mlops);
  if (url.startsWith('file:')) return judgeFolder(description);
  if (!url.startsWith('s3:')) return [skipped(WRITE, 'cannot be told without writing')];
  if (isUnread) return [skipped(WRITE, 'not tried where reading fails')];
  if (!mayWrite) return [skipped(WRITE, 'tried by --write, which puts one small object there')];
  await assertConditionalWrites(openObjectStore(url, { ...location, workspaceRoot, configKey: 'registry' }));
  return [ok(WRITE, 'the store takes writes and honours their conditions')];
}

async function judgeFolder(folder: string): Promise<Finding[]> {
  const whyNot = await whyNotWritable(folder);
  if (whyNot !== undefined) {
    return [
      problem(WRITE, whyNot, 'Let the user of this job write there, or name another registry in mlops.json.'),
    ];
  }
  const left = await leftLocks(folder);
  if (left.length === 0) return [ok(WRITE, 'the folder may be written to')];
  return [
    warning(
      WRITE,
      `locks that were left behind: ${left.join(', ')}`,
      'Nothing needs to be done: the next command takes them over once their lease of 30 s is over. Look for what was killed.',
    ),
  ];
}

async function leftLocks(folder: string): Promise<string[]> {
  const models = await readdir(join(folder, 'models')).catch(() => []);
  const locks = await Promise.all(
    models.map(async (model) => {
      const file = join(folder, 'models', model, 'lock');
      try {
        const { mtimeMs } = await stat(file);
        if (Date.now() - mtimeMs < LEASE) return [];
        const { user, host, at } = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>;
        return [`${model} (by ${user} on ${host}, ${at})`];
      } catch (error) {
        // Gone meanwhile, or cut short.
        return error instanceof SyntaxError ? [model] : [];
      }
    }),
  );
  return locks.flat();
}
