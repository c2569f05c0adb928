import { mkdir, open, readFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, layout, sha256OfBytes, type ModelConfig } from '@nx-mlops/core';
import { isAlive } from './abandoned-folders';
import type { ProjectFolder } from './project-folder';
import type { TrainingSplits } from './run-context';

/** Interrupted runs with other inputs whose checkpoints are kept, for whoever goes back to them. */
const keptStrangers = 3;

export interface CheckpointKeyParts {
  readonly config: Pick<
    ModelConfig,
    'task' | 'features' | 'target' | 'positiveClass' | 'training' | 'datasets'
  >;
  readonly splits: TrainingSplits;
  /** The text of the entry; absent for a command. */
  readonly entryText?: string;
  /** What Nx keyed the task by, where we run under Nx: it covers libraries and lock files too. */
  readonly nxTaskHash?: string;
}

/**
 * What tells one training's checkpoints from another's: 16 hex characters. Whatever can change the course of the
 * training is in it, so that a script is never offered a checkpoint of other data, parameters or code.
 */
export function checkpointKey({ config, splits, entryText, nxTaskHash }: CheckpointKeyParts): string {
  const { task, features, target, positiveClass, training } = config;
  const { entry, command, params, seed } = training;
  return sha256OfBytes(
    canonicalJson({
      task,
      features,
      target,
      positiveClass,
      training: { entry, command, params, seed },
      splits: Object.fromEntries(
        Object.entries(splits).map(([role, split]) => [role, split?.manifest.file.sha256]),
      ),
      entryText: entryText === undefined ? undefined : sha256OfBytes(entryText),
      nxTaskHash,
    }),
  ).slice(0, 16);
}

export interface CheckpointFolder {
  /** Absolute; there. */
  readonly path: string;
  /** Whether an interrupted run left something here. */
  readonly resumes: boolean;
  /** After success: nothing is left to resume. */
  remove(): Promise<void>;
  /** After an interruption: the next attempt may have it. False when there was nothing to keep. */
  keep(): Promise<boolean>;
}

/**
 * The folder of these inputs' checkpoints. While one run uses it, another run of the same inputs gets an empty one of
 * its own: two writers would spoil each other's checkpoints.
 */
export async function openCheckpoints(project: ProjectFolder, key: string): Promise<CheckpointFolder> {
  const root = join(project.folder, layout.checkpoints);
  await mkdir(root, { recursive: true });
  const lock = join(root, `${key}.lock`);
  const owned = await takeLock(lock);
  const path = join(root, owned ? key : `${key}.${process.pid}`);
  await mkdir(path, { recursive: true });
  const release = () => (owned ? rm(lock, { force: true }) : Promise.resolve());
  const remove = async () => {
    await rm(path, { recursive: true, force: true });
    await release();
  };
  await removeOldStrangers(root, key);
  return {
    path,
    resumes: (await readdir(path)).length > 0,
    remove,
    async keep() {
      const hasState = owned && (await readdir(path).catch(() => [])).length > 0;
      await (hasState ? release() : remove());
      return hasState;
    },
  };
}

/** A file that holds our process number; one of a process that has gone is taken over. */
async function takeLock(lock: string): Promise<boolean> {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const handle = await open(lock, 'wx');
      await handle.writeFile(String(process.pid)).finally(() => handle.close());
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const owner = Number(await readFile(lock, 'utf8').catch(() => ''));
      if (owner > 0 && isAlive(owner)) return false;
      await rm(lock, { force: true });
    }
  }
  return false;
}

async function removeOldStrangers(root: string, key: string): Promise<void> {
  const names = (await readdir(root)).filter((name) => !name.endsWith('.lock') && !name.startsWith(key));
  const aged = await Promise.all(
    names.map(async (name) => ({
      name,
      age: (await stat(join(root, name)).catch(() => undefined))?.mtimeMs ?? 0,
    })),
  );
  const old = aged.sort((a, b) => b.age - a.age).slice(keptStrangers);
  for (const { name } of old) {
    const owner = Number(await readFile(join(root, `${name.split('.')[0]}.lock`), 'utf8').catch(() => ''));
    if (owner > 0 && isAlive(owner)) continue;
    await rm(join(root, name), { recursive: true, force: true });
  }
}
