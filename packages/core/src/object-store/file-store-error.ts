import { messageOf, MlopsError } from '../errors/mlops-error';

/** What the operating system refused in a store that is a folder. An `MlopsError` passes unchanged. */
export function fileStoreError(error: unknown, folder: string): MlopsError {
  if (error instanceof MlopsError) return error;
  const failure = (code: MlopsError['code'], what: string) =>
    new MlopsError(code, what, { file: folder }, { cause: error });
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return failure(
        'MLOPS_REMOTE_DENIED',
        `this user may not read or write there, or the drive is read-only (${messageOf(error)}). Give this user the permission, or name another remote in mlops.json.`,
      );
    case 'ENOSPC':
    case 'EDQUOT':
      return failure(
        'MLOPS_REMOTE_FAILED',
        'no space is left on its disk. Nothing half-written was kept there; make room (nx-mlops gc --remote) and run the command again.',
      );
    case 'EIO':
    case 'ESTALE':
    case 'ETIMEDOUT':
    case 'EHOSTDOWN':
    case 'ENOTCONN':
      return failure(
        'MLOPS_REMOTE_UNREACHABLE',
        `the drive does not answer (${messageOf(error)}). Check that it is mounted and run the command again; what was transferred is kept.`,
      );
    default:
      return failure(
        'MLOPS_REMOTE_FAILED',
        `${messageOf(error)}. Check that the remote in mlops.json names a folder that can be written to.`,
      );
  }
}
