import {
  MlopsError,
  layout,
  suggestion,
  type EnvironmentConfig,
  type MlopsConfig,
  type ModelState,
} from '@nx-mlops/core';

interface Environments {
  readonly environments: readonly { readonly name: string }[];
}

/**
 * An environment of mlops.json by its name; the first one when none is given.
 *
 * @throws MlopsError MLOPS_UNKNOWN_ENVIRONMENT that names the nearest one
 */
export function environmentNamed(config: Environments, name: string | undefined): string {
  const names = namesOf(config);
  const wanted = name ?? (names[0] as string);
  if (names.includes(wanted)) return wanted;
  throw new MlopsError(
    'MLOPS_UNKNOWN_ENVIRONMENT',
    `There is no environment "${wanted}".${suggestion(wanted, names)}`,
    { file: layout.mlopsConfig, path: 'environments' },
  );
}

/**
 * What mlops.json says of an environment.
 *
 * @throws MlopsError MLOPS_UNKNOWN_ENVIRONMENT that names the nearest one
 */
export function environmentConfig(
  config: Pick<MlopsConfig, 'environments'>,
  name: string,
): EnvironmentConfig {
  const known = environmentNamed(config, name);
  return config.environments.find((environment) => environment.name === known) as EnvironmentConfig;
}

/**
 * The way of a promotion. With neither end given it leads from the first environment to the second; with one end, from
 * or to its neighbour.
 *
 * @throws MlopsError MLOPS_UNKNOWN_ENVIRONMENT; MLOPS_NO_NEXT_ENVIRONMENT when there is no neighbour
 */
export function promotionWay(
  config: Environments,
  ends: { readonly from?: string; readonly to?: string },
): { readonly from: string; readonly to: string } {
  const names = namesOf(config);
  if (ends.to !== undefined) {
    const to = environmentNamed(config, ends.to);
    if (ends.from !== undefined) return { from: environmentNamed(config, ends.from), to };
    const from = names[names.indexOf(to) - 1];
    if (from === undefined) {
      throw noNeighbour(
        `"${to}" is the first environment, so nothing comes before it. Deploy to it instead.`,
      );
    }
    return { from, to };
  }
  const from = environmentNamed(config, ends.from);
  const to = names[names.indexOf(from) + 1];
  if (to === undefined) {
    throw noNeighbour(
      `"${from}" is the last environment, so there is none to promote to. Add one after it, or give --from and --to.`,
    );
  }
  return { from, to };
}

/**
 * The environment that a rollback means when it names none: the last one in order that serves this model, for that is
 * what users see.
 *
 * @throws MlopsError MLOPS_UNKNOWN_ENVIRONMENT; MLOPS_NOTHING_DEPLOYED when the model serves nowhere
 */
export function rollbackEnvironment(
  config: Environments,
  name: string | undefined,
  state: Pick<ModelState, 'model' | 'deployments' | 'active'>,
): string {
  if (name !== undefined) return environmentNamed(config, name);
  const serving = namesOf(config).findLast(
    (environment) => state.deployments.has(environment) || state.active.has(environment),
  );
  if (serving !== undefined) return serving;
  throw new MlopsError(
    'MLOPS_NOTHING_DEPLOYED',
    `"${state.model}" serves in no environment, so there is nothing to roll back.`,
  );
}

/**
 * The environment whose rollout a command means when it names none.
 *
 * @throws MlopsError MLOPS_UNKNOWN_ENVIRONMENT; MLOPS_NO_ROLLOUT when none is under way; MLOPS_SEVERAL_ROLLOUTS
 */
export function rolloutEnvironment(
  config: Environments,
  name: string | undefined,
  state: Pick<ModelState, 'model' | 'active'>,
): string {
  if (name !== undefined) return environmentNamed(config, name);
  const [only, ...others] = [...state.active.keys()];
  if (only === undefined) {
    throw new MlopsError('MLOPS_NO_ROLLOUT', `no rollout of "${state.model}" is under way.`);
  }
  if (others.length === 0) return only;
  throw new MlopsError(
    'MLOPS_SEVERAL_ROLLOUTS',
    `rollouts of "${state.model}" are under way in ${[only, ...others].join(' and ')}. Name one with --environment.`,
  );
}

function namesOf({ environments }: Environments): string[] {
  return environments.map(({ name }) => name);
}

function noNeighbour(what: string): MlopsError {
  return new MlopsError('MLOPS_NO_NEXT_ENVIRONMENT', what, {
    file: layout.mlopsConfig,
    path: 'environments',
  });
}
