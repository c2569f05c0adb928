/** Targets of a model that work on the registry alone, in the order in which they are listed. */
export const registryCommandKinds = [
  'promote',
  'approve',
  'advance',
  'watch',
  'abort',
  'rollback',
  'status',
  'diff',
  'history',
] as const;
export type RegistryCommandKind = (typeof registryCommandKinds)[number];

/** Targets that a model's or dataset's project gets, in the order in which they are listed. */
export const targetKinds = [
  'lock',
  'prepare',
  'validate',
  'infer',
  'push',
  'pull',
  'train',
  'evaluate',
  'gate',
  'deploy',
  ...registryCommandKinds,
  'serve',
] as const;
export type TargetKind = (typeof targetKinds)[number];

/** What nx.json may say beside the plugin: `{ "plugin": "nx-mlops", "options": { … } }`. */
export type PluginOptions = {
  /** Name of the target, where the usual one is taken. @default the kind itself */
  readonly [Kind in TargetKind as `${Kind}TargetName`]?: string;
} & {
  /**
   * Environments that targets offer as configurations.
   *
   * A task's hash holds the configurations of its project, so a new environment in mlops.json makes every model train
   * once more. Who means to add many names them here beforehand. @default those of mlops.json
   */
  readonly environments?: readonly string[];
};

/** Options with every default filled in. */
export interface ResolvedOptions {
  readonly targetNames: Readonly<Record<TargetKind, string>>;
  readonly environments?: readonly string[];
}

const optionNames: readonly string[] = [...targetKinds.map(optionOf), 'environments'];

function optionOf<Kind extends TargetKind>(kind: Kind): `${Kind}TargetName` {
  return `${kind}TargetName`;
}

/**
 * Checks the plugin's options and fills in the defaults.
 *
 * @throws Error that names the option: an unknown one, one of another type, or two targets of one name
 */
export function resolveOptions(options: PluginOptions | undefined): ResolvedOptions {
  const given = options ?? {};
  const unknown = Object.keys(given).find((name) => !optionNames.includes(name));
  if (unknown !== undefined) {
    throw optionError(unknown, `is no option of nx-mlops. There are: ${optionNames.join(', ')}.`);
  }
  const targetNames = Object.fromEntries(
    targetKinds.map((kind) => [kind, targetName(given, kind)]),
  ) as Record<TargetKind, string>;
  requireDistinct(targetNames);
  return { targetNames, environments: environmentsOf(given) };
}

function targetName(options: PluginOptions, kind: TargetKind): string {
  const name: unknown = options[optionOf(kind)] ?? kind;
  if (typeof name !== 'string' || name === '') throw optionError(optionOf(kind), 'must be a name.');
  return name;
}

function requireDistinct(targetNames: Record<TargetKind, string>): void {
  for (const kind of targetKinds) {
    const other = targetKinds.find((item) => item !== kind && targetNames[item] === targetNames[kind]);
    if (other !== undefined) {
      throw optionError(
        optionOf(kind),
        `gives the name "${targetNames[kind]}", which ${optionOf(other)} has too. Each target needs its own.`,
      );
    }
  }
}

function environmentsOf({ environments }: PluginOptions): readonly string[] | undefined {
  if (environments === undefined) return undefined;
  if (!Array.isArray(environments) || environments.some((name) => typeof name !== 'string' || name === '')) {
    throw optionError('environments', 'must be a list of names.');
  }
  return environments;
}

function optionError(option: string, what: string): Error {
  return new Error(`nx.json: plugins: nx-mlops: ${option} ${what}`);
}
