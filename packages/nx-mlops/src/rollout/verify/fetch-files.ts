import { MlopsError, type Registry, type VersionRecord } from '@nx-mlops/core';
import { plural } from '../../reporting/format';
import { fail, pass, type Finding } from './finding';

/** What the registry says of bytes that are not those of the version. */
const damage: ReadonlySet<string> = new Set(['MLOPS_REGISTRY_BLOB_MISSING', 'MLOPS_REGISTRY_BLOB_CORRUPT']);

/**
 * Reads every file of a version, each compared with its digest.
 *
 * @returns local paths by name, of the files that are whole
 * @throws what the registry throws when it cannot be read, which says nothing of the version
 */
export async function fetchFiles(
  registry: Pick<Registry, 'fetchFile'>,
  version: VersionRecord,
): Promise<{ readonly paths: ReadonlyMap<string, string>; readonly finding: Finding }> {
  const names = Object.keys(version.files);
  const fetched = await Promise.allSettled(names.map((name) => registry.fetchFile(version, name)));
  const paths = new Map<string, string>();
  const damaged: string[] = [];
  for (const [index, result] of fetched.entries()) {
    const name = names[index] as string;
    if (result.status === 'fulfilled') paths.set(name, result.value);
    else damaged.push(`${name}: ${damageOf(result.reason)}`);
  }
  const finding =
    damaged.length === 0
      ? pass(`${names.length === 1 ? 'its only file' : `all ${plural(names.length, 'file')}`} whole`)
      : fail(`${damaged.length} of ${plural(names.length, 'file')} not whole: ${damaged.join('; ')}`);
  return { paths, finding };
}

function damageOf(reason: unknown): string {
  if (reason instanceof MlopsError && damage.has(reason.code)) return reason.message.replace(/\.$/, '');
  throw reason;
}
