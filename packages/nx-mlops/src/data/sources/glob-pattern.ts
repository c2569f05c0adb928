import picomatch from 'picomatch';
import { posix } from 'node:path';

/** A glob, taken apart. Its paths are relative to the folder that the glob is relative to, with forward slashes. */
export interface GlobPattern {
  /** The deepest folder that is said without a glob, such as `data` of `data/∗∗/∗.bin`; empty for the folder itself. */
  readonly base: string;
  /** Whether a file is meant. */
  matches(file: string): boolean;
  /** False when no file below this folder can be meant. */
  mayHold(folder: string): boolean;
}

const options = { posix: true };

/** Whether a path means files by a glob, rather than one file or folder. */
export function isGlob(path: string): boolean {
  const { isGlob, negated } = picomatch.scan(path);
  return isGlob || negated;
}

/**
 * Takes a glob apart. Names that begin with a dot are meant only where the glob says the dot; a glob that begins with
 * `!` means no file.
 */
export function parseGlob(pattern: string): GlobPattern {
  const path = posix.normalize(pattern.replace(/\/$/, ''));
  if (isNegated(path)) return { base: '', matches: () => false, mayHold: () => false };
  const parts = partsOf(path);
  const firstGlob = parts.findIndex((part) => isGlob(part));
  const base = parts.slice(0, firstGlob === -1 ? parts.length - 1 : Math.min(firstGlob, parts.length - 1));
  // The whole pattern, not what follows its base: a name in the middle may begin with `!`, which means nothing there.
  const expression = picomatch.makeRe(path, options);
  return {
    base: base.join('/').replaceAll('\\', ''),
    matches: (file) => expression.test(file),
    mayHold: folderTest(parts),
  };
}

function folderTest(parts: readonly string[]): (folder: string) => boolean {
  const tests = parts.map(partTest);
  return (folder) => {
    const names = folder.split('/');
    for (const [depth, name] of names.entries()) {
      const test = tests[depth];
      if (test === undefined) return false;
      if (!test.isMeant(name)) return false;
      if (test.isDeep) return true;
    }
    // A file below needs one part more.
    return names.length < tests.length;
  };
}

interface PartTest {
  readonly isMeant: (name: string) => boolean;
  /** Whether the part may stand for several folders, so that nothing more can be said of those below. */
  readonly isDeep: boolean;
}

function partTest(part: string): PartTest {
  if (part === '..') return { isMeant: (name) => name === part, isDeep: false };
  if (part.includes('/') || isNegated(part)) return { isMeant: () => true, isDeep: true };
  const expression = picomatch.makeRe(part, options);
  return { isMeant: (name) => expression.test(name), isDeep: part === '**' };
}

function partsOf(path: string): readonly string[] {
  const { parts = [] } = picomatch.scan(path, { parts: true });
  return parts.length === 0 ? [path] : parts;
}

function isNegated(pattern: string): boolean {
  return pattern.startsWith('!') && !pattern.startsWith('!(');
}
