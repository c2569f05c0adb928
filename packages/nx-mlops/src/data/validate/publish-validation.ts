import {
  canonicalJson,
  layout,
  profileFile,
  writeAtomically,
  type Profile,
  type Validation,
} from '@nx-mlops/core';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { validationHtml, validationJunit, validationMarkdown } from '../../reporting/validation-report';
import type { DatasetProject } from '../dataset-project';
import { replaceFolder } from '../replace-folder';

/**
 * Writes verdicts, profiles and reports: into `.mlops/validation` when all is well, else beside it, for a failed
 * validation must not look like a result. A success clears the failure before it.
 *
 * @returns the folder, relative to the project
 */
export async function publishValidation(
  project: DatasetProject,
  validation: Validation,
  profiles: readonly Profile[],
): Promise<string> {
  const folder = validation.passed ? layout.validation : layout.validationFailed;
  await replaceFolder(join(project.folder, folder), async (temporary) => {
    await writeAtomically(join(temporary, layout.validationFile), canonicalJson(validation));
    for (const profile of profiles) {
      await writeAtomically(join(temporary, profileFile(profile.split)), canonicalJson(profile));
    }
    const reports = {
      [layout.validationReport]: validationMarkdown(validation, profiles),
      [layout.validationPage]: validationHtml(validation, profiles),
      [layout.validationJunit]: validationJunit(validation, profiles),
    };
    for (const [name, text] of Object.entries(reports)) await writeAtomically(join(temporary, name), text);
  });
  if (validation.passed)
    await rm(join(project.folder, layout.validationFailed), { recursive: true, force: true });
  return folder;
}
