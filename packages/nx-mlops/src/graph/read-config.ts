import { parse } from 'jsonc-parser';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kindOfConfigFile, projectRootOf, type ProjectKind } from './config-files';
import type { ConfigSummary } from './config-summary';
import { digestOf } from './digest';
import type { CachedConfig } from './graph-cache';
import { inference } from './load-inference';
import { messageOf } from './message-of';

/** A config file that was read; `summary` or `problem` is there. */
export interface ReadConfig {
  readonly file: string;
  readonly root: string;
  readonly kind: ProjectKind;
  readonly digest: string;
  /** The project's name that it gives, also where the rest of it is wrong. */
  readonly name?: string;
  readonly summary?: ConfigSummary;
  readonly problem?: string;
}

/**
 * Reads a config file; parses it only where its text differs from the one that the cache knows.
 *
 * @param file relative to the workspace
 */
export function readConfig(
  workspaceRoot: string,
  file: string,
  cached: CachedConfig | undefined,
): ReadConfig {
  const place = { file, root: projectRootOf(file), kind: kindOfConfigFile(file) };
  let text: string;
  try {
    text = readFileSync(join(workspaceRoot, file), 'utf8');
  } catch (error) {
    return { ...place, digest: '', problem: `${file}: cannot be read. ${messageOf(error)}` };
  }
  const digest = digestOf(text);
  try {
    const summary = cached?.digest === digest ? cached.summary : inference().summarizeConfig(text, file);
    return { ...place, digest, name: summary.name, summary };
  } catch (error) {
    return { ...place, digest, name: nameInside(text), problem: messageOf(error) };
  }
}

/** The parser reads on after a fault, so that a project keeps its name while its config is being edited. */
function nameInside(text: string): string | undefined {
  const value: unknown = parse(text);
  const name = value !== null && typeof value === 'object' && 'name' in value ? value.name : undefined;
  return typeof name === 'string' && name !== '' ? name : undefined;
}
