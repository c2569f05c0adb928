import { readFile } from 'node:fs/promises';
import { canonicalJson, layout, type VersionRecord } from '@nx-mlops/core';
import { fail, pass, type Finding } from './finding';

const mend = 'The record was changed after the version was registered: restore the registry from a backup';

/**
 * Whether the gates of a record passed on its very model file, and the record says what its files say: a signature is
 * over the files alone.
 *
 * @param paths of the version's files, by name
 */
export async function checkRecord(
  version: VersionRecord,
  paths: ReadonlyMap<string, string>,
): Promise<Finding> {
  const { gates, manifest, metrics, threshold } = version;
  if (!gates.passed) {
    return fail('its gates did not pass, so it should not have been registered. Deploy another version');
  }
  if (gates.modelSha256 !== manifest.file.sha256) {
    return fail('its gates judged another model file. Evaluate, gate and register it anew');
  }
  const evaluation = version.files[layout.evaluationFile];
  if (evaluation !== undefined && evaluation.sha256 !== gates.evaluationSha256) {
    return fail(`its gates judged another ${layout.evaluationFile} than the one stored with it. ${mend}`);
  }
  const said: readonly (readonly [file: string, recorded: unknown, pick: (content: object) => unknown])[] = [
    [layout.modelManifest, manifest, (content) => content],
    [layout.gateFile, gates, (content) => content],
    [layout.evaluationFile, { metrics, threshold }, measuredIn],
  ];
  for (const [file, recorded, pick] of said) {
    const path = paths.get(file);
    if (path === undefined) continue;
    const content = parsed(await readFile(path, 'utf8'));
    if (content === undefined || canonicalJson(pick(content)) !== canonicalJson(recorded)) {
      return fail(`its record and its ${file} say different things. ${mend}`);
    }
  }
  return pass();
}

function measuredIn(content: { readonly metrics?: unknown; readonly threshold?: unknown }): unknown {
  return { metrics: content.metrics, threshold: content.threshold };
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' ? value : undefined;
  } catch {
    return undefined;
  }
}
