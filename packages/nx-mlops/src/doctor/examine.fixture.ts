import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import tmp from 'tmp';
import { runChecks } from './run-checks';
import { lookAround, type Check } from './surroundings';

tmp.setGracefulCleanup();

/** By path relative to the workspace; what is no text becomes JSON. */
export type Files = Readonly<Record<string, unknown>>;

export interface Examined {
  readonly files?: Files;
  /** The whole environment, beside PATH. `<root>` in it stands for the workspace. */
  readonly env?: NodeJS.ProcessEnv;
  readonly ci?: boolean;
  readonly mayWrite?: boolean;
  /** Made anew when left out. */
  readonly workspaceRoot?: string;
  /** ms */
  readonly timeout?: number;
}

/** A temporary workspace, with a space in its path. */
export function workspaceWith(files: Files = {}): string {
  const root = tmp.dirSync({ unsafeCleanup: true, prefix: 'a workspace ' }).name;
  writeFiles(root, files);
  return root;
}

export function writeFiles(root: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
}

/** What a check finds, a line each: `verdict name: found` and, where there is one, ` -> mend`. `<root>` for the workspace. */
export async function examine(check: Check, options: Examined = {}): Promise<string[]> {
  const workspaceRoot = options.workspaceRoot ?? workspaceWith();
  writeFiles(workspaceRoot, options.files ?? {});
  const given = Object.entries(options.env ?? {}).map(([name, value]) => [
    name,
    value?.replaceAll('<root>', workspaceRoot),
  ]);
  const surroundings = await lookAround({
    workspaceRoot,
    env: { PATH: process.env['PATH'], ...(Object.fromEntries(given) as NodeJS.ProcessEnv) },
    ci: options.ci,
    mayWrite: options.mayWrite,
  });
  const findings = await runChecks([check], surroundings, options.timeout);
  return findings.map(({ name, verdict, found, mend }) =>
    `${verdict} ${name}: ${found}${mend === undefined ? '' : ` -> ${mend}`}`.replaceAll(
      workspaceRoot,
      '<root>',
    ),
  );
}
