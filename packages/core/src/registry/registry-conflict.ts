import { MlopsError } from '../errors/mlops-error';

/** That another writer came first. @param what they did, such as `recorded event 7` */
export function registryConflict(what: string, file: string): MlopsError {
  return new MlopsError(
    'MLOPS_REGISTRY_CONFLICT',
    `another command ${what} meanwhile. Run the command again.`,
    { file },
  );
}
