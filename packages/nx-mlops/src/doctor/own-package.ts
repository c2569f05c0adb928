import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What this package says of what it needs. */
export interface OwnPackage {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly peerDependencies: Readonly<Record<string, string>>;
}

/** The path holds from src as from dist. */
export function readOwnPackage(): OwnPackage {
  return JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as OwnPackage;
}
