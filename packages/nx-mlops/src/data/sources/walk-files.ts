import { readdirSync, realpathSync, statSync, type Dirent } from 'node:fs';
import { sep } from 'node:path';

/** What a path leads to, links followed. */
export type PathKind = 'file' | 'folder' | 'other';

/** What a walk meets and what it goes past; paths as the walk gives them. */
export interface WalkRules {
  readonly takes: (file: string) => boolean;
  readonly enters: (folder: string) => boolean;
  /** Called for a link to something that is not there. */
  readonly onBrokenLink: (path: string) => void;
  /** Called for a folder that cannot be read; what it gives is thrown. */
  readonly onUnreadable: (folder: string, cause: unknown) => Error;
}

/** Tools' own folders, which hold no data and may be large. */
const passedOver = new Set(['node_modules', '.git']);

/**
 * The files below a folder, sorted by path (code units), in lists as they are met: whoever wants them can begin before
 * the last folder was read. Links are followed, but none to a folder that the walk came through, which would go round
 * for ever. `node_modules` and `.git` are passed over.
 *
 * @param folder absolute
 * @param name of that folder, which the paths begin with; empty for none
 * @throws what `onUnreadable` gives
 */
export function walkFiles(folder: string, name: string, rules: WalkRules): Generator<string[], void> {
  return walk({ folder, prefix: name === '' ? '' : `${name}/`, above: [realpathSync(folder)] }, rules);
}

interface Place {
  /** Absolute. */
  readonly folder: string;
  /** Before the names of its files. */
  readonly prefix: string;
  /** The real paths of the folders that the walk came through, this one last. */
  readonly above: readonly string[];
}

function* walk(place: Place, rules: WalkRules): Generator<string[], void> {
  const { folders, files } = holdings(place, rules);
  let at = 0;
  for (const below of folders) {
    const from = at;
    // `a.csv` comes before `a/b.csv`, for the dot comes before the slash.
    while (at < files.length && (files[at] as string) < below.prefix) at++;
    if (at > from) yield files.slice(from, at);
    yield* walk(below, rules);
  }
  if (at < files.length) yield at === 0 ? files : files.slice(at);
}

/** The files and folders that a folder holds and that are wanted, each sorted. */
function holdings(place: Place, rules: WalkRules): { readonly folders: Place[]; readonly files: string[] } {
  const { folder, prefix, above } = place;
  const folders: Place[] = [];
  const files: string[] = [];
  for (const entry of entriesOf(place, rules)) {
    const { name } = entry;
    if (passedOver.has(name)) continue;
    const path = prefix + name;
    const isLink = entry.isSymbolicLink();
    const kind = isLink ? kindOf(`${folder}/${name}`) : kindOfEntry(entry);
    if (kind === undefined) rules.onBrokenLink(path);
    if (kind === 'file' && rules.takes(path)) files.push(path);
    if (kind !== 'folder' || !rules.enters(path)) continue;
    const real = isLink ? realpathSync(`${folder}/${name}`) : `${above.at(-1) ?? ''}${sep}${name}`;
    if (isLink && above.includes(real)) continue;
    folders.push({ folder: `${folder}/${name}`, prefix: `${path}/`, above: [...above, real] });
  }
  files.sort();
  folders.sort((a, b) => (a.prefix < b.prefix ? -1 : 1));
  return { folders, files };
}

function entriesOf({ folder, prefix }: Place, { onUnreadable }: WalkRules): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw onUnreadable(prefix.slice(0, -1), error);
  }
}

/** What a path leads to; undefined when it is not there. */
export function kindOf(path: string): PathKind | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? undefined : kindOfEntry(stats);
}

function kindOfEntry(entry: Pick<Dirent, 'isFile' | 'isDirectory'>): PathKind {
  return entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other';
}
