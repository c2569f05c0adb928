import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import picomatch from 'picomatch';

/**
 * Files that patterns name, as GitHub's actions read them: a line each, `!` takes away, a folder means all in it.
 *
 * @param {string} folder that the patterns are relative to
 * @param {string[]} patterns
 * @param {{ hidden?: boolean, skip?: string[] }} [options] hidden: false leaves out what has a name that starts with a dot,
 *   folders too, but not the folders that the pattern itself spells out before its last; skip: names of folders
 * @returns {string[]} absolute and sorted
 */
export function filesMatching(folder, patterns, { hidden = true, skip = [] } = {}) {
  const found = new Set();
  for (const pattern of patterns) {
    const taken = pattern.startsWith('!');
    const absolute = resolve(folder, taken ? pattern.slice(1).trim() : pattern);
    const matches = matcher(absolute);
    if (taken) {
      for (const file of found) if (matches(file)) found.delete(file);
    } else {
      for (const file of walk(searchPath(absolute), hidden, skip)) if (matches(file)) found.add(file);
    }
  }
  return [...found].sort();
}

/** The folder or file up to which a pattern has no wildcard. */
export function searchPath(pattern) {
  let path = pattern;
  for (let each = pattern; each !== dirname(each); each = dirname(each))
    if (hasWildcard(basename(each))) path = dirname(each);
  return path;
}

/** The folder below which an artifact keeps the paths of its files. */
export function commonFolder(paths) {
  const [first = '', ...others] = paths.map((each) => each.split(sep));
  const parts = [...first];
  for (const other of others) {
    const differs = parts.findIndex((part, index) => part !== other[index]);
    if (differs !== -1) parts.length = differs;
  }
  return parts.join(sep) || sep;
}

export function isInside(folder, path) {
  const way = relative(folder, path);
  return !way.startsWith('..') && !isAbsolute(way);
}

function matcher(absolute) {
  const glob = picomatch([absolute, `${absolute}/**`].map(slashes), {
    dot: true,
    nobrace: true,
    noextglob: true,
  });
  // A path with brackets or braces is a path, too.
  return (file) => isInside(absolute, file) || glob(slashes(file));
}

function hasWildcard(part) {
  return /[*?[\]]/.test(part);
}

function slashes(path) {
  return path.split(sep).join('/');
}

function* walk(path, hidden, skip) {
  if (!hidden && basename(path).startsWith('.')) return;
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isDirectory()) {
    yield path;
    return;
  }
  if (skip.includes(basename(path))) return;
  for (const name of readdirSync(path)) yield* walk(join(path, name), hidden, skip);
}
