import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface InstalledPackage {
  /** Absolute, links followed. */
  readonly folder: string;
  readonly version: string;
}

/** The package that a module in `from` would get: the nearest `node_modules` that has it. */
export function installedPackage(name: string, from: string): InstalledPackage | undefined {
  for (let at = from; ; at = dirname(at)) {
    const file = join(at, 'node_modules', name, 'package.json');
    if (existsSync(file)) {
      const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version?: string };
      return { folder: dirname(realpathSync(file)), version: version ?? 'unknown' };
    }
    if (dirname(at) === at) return undefined;
  }
}
