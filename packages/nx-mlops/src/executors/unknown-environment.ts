import type { ProjectConfiguration } from '@nx/devkit';
import type { RequestedRun } from './requested-run';

/** By project, then by target: the configurations that it has. Only targets of a name that some model has. */
export type KnownConfigurations = ReadonlyMap<string, ReadonlyMap<string, KnownTarget>>;

export interface KnownTarget {
  /** One of ours, whose configurations are the environments. */
  readonly isOurs: boolean;
  readonly configurations: readonly string[];
}

export interface UnknownEnvironment {
  readonly task: string;
  readonly configuration: string;
  readonly environments: readonly string[];
}

/**
 * The configuration of a run that would be ignored: no project that may be meant has it, and one of them is a model.
 *
 * @returns undefined when all is well or it cannot be told
 */
export function unknownEnvironment(
  { targets, project, configuration }: RequestedRun,
  known: KnownConfigurations,
): UnknownEnvironment | undefined {
  if (configuration === undefined) return undefined;
  const projects = project === undefined ? [...known.keys()] : [project];
  for (const target of targets) {
    const meant = projects.flatMap((name) => known.get(name)?.get(target) ?? []);
    const environments = meant.find(({ isOurs }) => isOurs)?.configurations;
    const isKnown = meant.some(({ configurations }) => configurations.includes(configuration));
    // Without any environment mlops.json is missing or broken, which the task itself says better.
    if (environments === undefined || environments.length === 0 || isKnown) continue;
    return { task: project === undefined ? target : `${project}:${target}`, configuration, environments };
  }
  return undefined;
}

/** Of all projects, what the guard needs to know. */
export function knownConfigurations(
  projects: Readonly<Record<string, ProjectConfiguration>>,
): KnownConfigurations {
  const ours = new Set(
    Object.values(projects).flatMap(({ targets }) =>
      Object.entries(targets ?? {}).flatMap(([name, { executor, configurations }]) =>
        isOurs(executor) && Object.keys(configurations ?? {}).length > 0 ? [name] : [],
      ),
    ),
  );
  const known = new Map<string, Map<string, KnownTarget>>();
  for (const [project, { targets }] of Object.entries(projects)) {
    const entries = Object.entries(targets ?? {})
      .filter(([name]) => ours.has(name))
      .map(([name, { executor, configurations }]): [string, KnownTarget] => [
        name,
        { isOurs: isOurs(executor), configurations: Object.keys(configurations ?? {}) },
      ]);
    if (entries.length > 0) known.set(project, new Map(entries));
  }
  return known;
}

function isOurs(executor: string | undefined): boolean {
  return executor?.startsWith('nx-mlops:') === true;
}
