import type { DatasetLock, FileDigest } from '@nx-mlops/core';

/** What differs between two locks, for one file of one source. */
export type LockChange =
  | { readonly kind: 'added'; readonly source: string; readonly path: string; readonly after: FileDigest }
  | { readonly kind: 'removed'; readonly source: string; readonly path: string; readonly before: FileDigest }
  | {
      readonly kind: 'changed';
      readonly source: string;
      readonly path: string;
      readonly before: FileDigest;
      readonly after: FileDigest;
    };

/** What happened between two locks, by source and path. */
export function lockChanges(before: DatasetLock, after: DatasetLock): LockChange[] {
  const names = [...new Set([...Object.keys(before.sources), ...Object.keys(after.sources)])].sort();
  return names.flatMap((source) => {
    const old = filesOf(before, source);
    const now = filesOf(after, source);
    return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((path): LockChange[] => {
      const was = old.get(path);
      const is = now.get(path);
      if (was === undefined) return is === undefined ? [] : [{ kind: 'added', source, path, after: is }];
      if (is === undefined) return [{ kind: 'removed', source, path, before: was }];
      return was.sha256 === is.sha256 ? [] : [{ kind: 'changed', source, path, before: was, after: is }];
    });
  });
}

function filesOf(lock: DatasetLock, source: string): Map<string, FileDigest> {
  return new Map(
    (lock.sources[source]?.files ?? []).map(({ path, sha256, size }) => [path, { sha256, size }]),
  );
}

/** One line, such as `changed flights: data/2001.csv 1,024 -> 2,048 bytes`. */
export function describeChange(change: LockChange): string {
  const name = `${change.source}: ${change.path}`;
  switch (change.kind) {
    case 'added':
      return `added   ${name} ${bytes(change.after)}`;
    case 'removed':
      return `removed ${name}`;
    case 'changed':
      return `changed ${name} ${bytes(change.before)} -> ${bytes(change.after)}`;
  }
}

function bytes({ size, sha256 }: FileDigest): string {
  return `${size.toLocaleString('en-US')} bytes (${sha256.slice(0, 12)})`;
}
