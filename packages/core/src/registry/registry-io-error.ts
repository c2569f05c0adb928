import { messageOf, MlopsError } from '../errors/mlops-error';

/**
 * What the operating system refused, as a failure that a person can mend. An `MlopsError` passes unchanged.
 *
 * @param doing such as `the event cannot be recorded`
 */
export function registryIoError(error: unknown, doing: string, file: string): MlopsError {
  if (error instanceof MlopsError) return error;
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new MlopsError(
        'MLOPS_REGISTRY_NOT_PERMITTED',
        `${doing}: this user may not read or write there, or the drive is read-only. Give this user the permission, or name another registry in mlops.json.`,
        { file },
        { cause: error },
      );
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new MlopsError(
        'MLOPS_REGISTRY_DISK_FULL',
        `${doing}: no space is left on the disk. Nothing was changed; make room and run the command again.`,
        { file },
        { cause: error },
      );
    default:
      return new MlopsError(
        'MLOPS_REGISTRY_IO',
        `${doing}: ${messageOf(error)}. Check that the registry in mlops.json names a folder that can be reached.`,
        { file },
        { cause: error },
      );
  }
}
