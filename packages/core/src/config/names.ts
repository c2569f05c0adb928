import { z } from 'zod';

/** Letters, digits, dot, dash and underscore, starting with a letter or digit: safe as a file name on every system. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** A name that we put into paths: of a split, an environment, a source, a registered model. */
export const safeName = z
  .string()
  .max(100)
  .regex(NAME, 'a name of letters, digits, ".", "-" and "_" that starts with a letter or digit');

/**
 * The name under which a project's files and versions are kept: its Nx name made safe for paths.
 * `@acme/churn` becomes `acme-churn`; a name that is safe already stays as it is.
 */
export function fileNameOfProject(projectName: string): string {
  return projectName.replace(/^@/, '').replace(/[^A-Za-z0-9._-]+/g, '-');
}
