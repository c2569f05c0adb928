import { safeName } from '../config/names';
import { MlopsError } from '../errors/mlops-error';

/**
 * A name that goes into the paths of a registry.
 *
 * @returns the name as it is
 * @throws MlopsError MLOPS_NAME when it is not safe as a file name, such as `../x`
 */
export function checkedModelName(name: string): string {
  return checked(name, 'model');
}

/** The same for the name of an environment. */
export function checkedEnvironmentName(name: string): string {
  return checked(name, 'environment');
}

function checked(name: string, what: string): string {
  const result = safeName.safeParse(name);
  if (result.success) return name;
  throw new MlopsError(
    'MLOPS_NAME',
    `${JSON.stringify(name)} cannot name a ${what} in a registry. Give ${result.error.issues[0]?.message ?? 'a plain name'}.`,
  );
}
