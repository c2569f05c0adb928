import { ciConfigSchema } from '@nx-mlops/core';
import type { z } from 'zod';
import { describePipeline, type Pipeline } from './pipeline';
import type { WorkspaceFacts } from './read-facts';

/** Of a workspace with npm, an environment and all defaults, unless said. */
export function facts({
  ci = {},
  environments = ['staging'],
  ...others
}: Partial<Omit<WorkspaceFacts, 'ci' | 'environments'>> & {
  readonly ci?: Partial<z.input<typeof ciConfigSchema>>;
  readonly environments?: readonly string[];
} = {}): WorkspaceFacts {
  return {
    ci: ciConfigSchema.parse({ providers: ['github'], ...ci }),
    environments: environments.map((name) => ({ name, isDirect: true })),
    mainBranch: 'main',
    packageManager: 'npm',
    pinsPackageManager: false,
    lockfile: 'package-lock.json',
    nxCloud: false,
    ...others,
  };
}

/** A row of the table by which the renderers are judged. */
export interface PipelineCase {
  readonly name: string;
  readonly facts: WorkspaceFacts;
  readonly pipeline: Pipeline;
  readonly isSpread: boolean;
}

const allEnvironments = ['staging', 'production', 'eu.west'] as const;

/** Agents × environments × package managers × Nx Cloud, and one with a GPU and a canary. */
export const pipelineCases: readonly PipelineCase[] = [1, 4].flatMap((agents) =>
  [1, 2, 3].flatMap((count) =>
    (['npm', 'pnpm', 'yarn', 'bun'] as const).flatMap((packageManager) =>
      [false, true].map((nxCloud) => {
        const given = facts({
          ci: { agents, ...(count === 3 ? { classes: { gpu: { agents: 2, runner: ['own', 'gpu'] } } } : {}) },
          environments: allEnvironments.slice(0, count),
          packageManager,
          nxCloud,
        });
        const described = {
          ...given,
          environments: given.environments.map((environment) => ({ ...environment, isDirect: count !== 2 })),
        };
        return {
          name: `${agents} agents, ${count} environments, ${packageManager}${nxCloud ? ', Nx Cloud' : ''}`,
          facts: described,
          pipeline: describePipeline(described),
          isSpread: !nxCloud && (agents > 1 || count === 3),
        };
      }),
    ),
  ),
);

export const namedCases = pipelineCases.map((item): [string, PipelineCase] => [item.name, item]);
