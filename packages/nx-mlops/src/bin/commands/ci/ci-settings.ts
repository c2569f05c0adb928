import { MlopsError, ciConfigSchema } from '@nx-mlops/core';
import { parse } from 'jsonc-parser';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultBase } from '../../../executors/default-base';
import { readMlopsConfig } from '../../../rollout/read-mlops-config';

/** What mlops.json and nx.json say of the pipeline. */
export interface CiSettings {
  readonly targets: readonly string[];
  readonly results: readonly string[];
  /** The main branch. */
  readonly defaultBranch: string;
}

/** @throws MlopsError as `readMlopsConfig` */
export async function readCiSettings(workspaceRoot: string): Promise<CiSettings> {
  const { ci } = await readMlopsConfig(workspaceRoot);
  const { targets, results } = ciConfigSchema.shape;
  return {
    targets: ci?.targets ?? targets.parse(undefined),
    results: ci?.results ?? results.parse(undefined),
    defaultBranch: defaultBranchOf(workspaceRoot),
  };
}

/** As nx.json says. */
export function defaultBranchOf(workspaceRoot: string): string {
  let text: string;
  try {
    text = readFileSync(join(workspaceRoot, 'nx.json'), 'utf8');
  } catch {
    text = '{}';
  }
  // Nx may name it with its remote.
  return defaultBase((parse(text) as Parameters<typeof defaultBase>[0] | undefined) ?? {}).replace(
    /^origin\//,
    '',
  );
}

/** Aborted by Ctrl-C, and by the CI system when it cancels the job. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => controller.abort(new MlopsError('MLOPS_INTERRUPTED', `Stopped by ${name}.`)));
  }
  return controller.signal;
}

export const baseOptions = {
  base: { type: 'string' },
  head: { type: 'string' },
  all: { type: 'boolean' },
} as const;

/** Of commands that find the base by themselves. */
export const baseHelp = `  --base <commit>           compare with this commit (default NX_BASE, else as nx-mlops ci base finds it)
  --head <commit>           up to this commit (default NX_HEAD, else what is checked out)
  --all                     everything counts as changed`;

export function namesIn(text: string | undefined): string[] | undefined {
  const names = text?.split(',').filter((name) => name !== '');
  return names === undefined || names.length === 0 ? undefined : names;
}
