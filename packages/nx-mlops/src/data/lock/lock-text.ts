import { datasetLockSchema, parseConfig, type DatasetLock } from '@nx-mlops/core';

type LockedFile = DatasetLock['sources'][string]['files'][number];

/**
 * The bytes of the lock file: JSON with the keys in order and one line a file, so that a diff names each changed file
 * once and 100,000 files stay quick to write.
 */
export function lockText({ version, sources }: DatasetLock): string {
  const names = Object.keys(sources).sort();
  const texts = names.map((name) => {
    const files = (sources[name]?.files ?? []).map((file) => `        ${lineOf(file)}`);
    return `    ${JSON.stringify(name)}: {\n      "files": [\n${files.join(',\n')}\n      ]\n    }`;
  });
  const body = texts.length === 0 ? '{}' : `{\n${texts.join(',\n')}\n  }`;
  return `{\n  "sources": ${body},\n  "version": ${version}\n}\n`;
}

function lineOf({ etag, path, sha256, size }: LockedFile): string {
  const tag = etag === undefined ? '' : `"etag": ${JSON.stringify(etag)}, `;
  return `{ ${tag}"path": ${JSON.stringify(path)}, "sha256": "${sha256}", "size": ${size} }`;
}

/**
 * Reads a lock.
 *
 * @param file named in errors
 * @throws MlopsError MLOPS_CONFIG_SYNTAX, MLOPS_CONFIG_INVALID when it is no lock, as after a merge conflict
 */
export function parseLock(text: string, file: string): DatasetLock {
  return fromPlainJson(text) ?? parseConfig(text, datasetLockSchema, file);
}

/**
 * The quick way for a lock that is as it should be. The other one knows comments and says what is wrong, and takes a
 * hundred times as long.
 */
function fromPlainJson(text: string): DatasetLock | undefined {
  try {
    const parsed = datasetLockSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
