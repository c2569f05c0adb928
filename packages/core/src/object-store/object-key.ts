import { MlopsError } from '../errors/mlops-error';

/**
 * Refuses a key that one of the stores could not hold or would take for another: it would leave the folder, or be two
 * names for one object.
 *
 * @throws MlopsError MLOPS_REMOTE_KEY
 */
export function checkedKey(key: string): string {
  const parts = key.split('/');
  const bad = parts.some((part) => part === '' || part === '.' || part === '..') || /[\\\0]/.test(key);
  if (!bad && !parts[0]?.startsWith('.')) return key;
  throw new MlopsError(
    'MLOPS_REMOTE_KEY',
    `"${key}" is no name of an object: parts between slashes must not be empty, "." or "..", and the first must not begin with a dot.`,
  );
}
