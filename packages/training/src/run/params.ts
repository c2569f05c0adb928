import { MlopsError, layout, suggestion, type RunContext } from '@nx-mlops/core';

type Json = RunContext['params'][string];

/** The kind of a default decides what a param may be: `5` makes it a number, `true` a boolean, `null` anything. */
export type Params<Defaults> = {
  readonly [Name in keyof Defaults]: Defaults[Name] extends number
    ? number
    : Defaults[Name] extends string
      ? string
      : Defaults[Name] extends boolean
        ? boolean
        : Defaults[Name] extends null
          ? Json
          : Defaults[Name];
};

export interface ParamsPlace {
  readonly file: string;
  readonly path: string;
}

const ofTraining: ParamsPlace = { file: layout.modelConfig, path: 'training.params' };

/**
 * The params of a config over their defaults.
 *
 * @param place where the config gives them, for errors
 * @throws MlopsError MLOPS_TRAINING_UNKNOWN_PARAM for one that has no default, MLOPS_TRAINING_PARAM_TYPE for one of
 *   another kind than its default
 */
export function paramsOver<const Defaults extends Record<string, Json>>(
  defaults: Defaults,
  given: RunContext['params'],
  place: ParamsPlace = ofTraining,
): Params<Defaults> {
  const names = Object.keys(defaults);
  for (const [name, value] of Object.entries(given)) {
    const location = { file: place.file, path: `${place.path}.${name}` };
    if (!names.includes(name)) {
      throw new MlopsError(
        'MLOPS_TRAINING_UNKNOWN_PARAM',
        `The script has no param "${name}".${suggestion(name, names)}`,
        location,
      );
    }
    const wanted = kindOf(defaults[name] as Json);
    const found = kindOf(value);
    if (wanted !== 'null' && wanted !== found) {
      throw new MlopsError(
        'MLOPS_TRAINING_PARAM_TYPE',
        `The param "${name}" must be a ${wanted} such as ${JSON.stringify(defaults[name])}, not ${JSON.stringify(value)}.`,
        location,
      );
    }
  }
  return { ...defaults, ...given } as Params<Defaults>;
}

function kindOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}
