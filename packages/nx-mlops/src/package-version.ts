import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Version of this package. The path holds from src as from dist. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}
