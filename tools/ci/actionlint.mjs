import { join } from 'node:path';
import { run } from '../workspace/run.mjs';
import { installedTool } from './installed-tool.mjs';

/** Of https://github.com/rhysd/actionlint. */
const VERSION = 'v1.7.12';
const PACKAGE = `github.com/rhysd/actionlint/cmd/actionlint@${VERSION}`;

/**
 * What actionlint finds in a workflow of GitHub. shellcheck and pyflakes look at the scripts where they are installed.
 *
 * @param {string} file path of the workflow; under `.github/workflows/` its local actions are checked, too
 * @returns {Promise<{ message: string, line: number, column: number, kind: string, snippet: string }[]>}
 */
export async function lintWorkflow(file) {
  const folder = await installedTool(
    `actionlint-${VERSION}`,
    (making) =>
      run('go', ['install', PACKAGE], {
        env: { GOBIN: making, GOFLAGS: '-buildvcs=false' },
        timeout: 600_000,
      }),
    'Go and its module proxy are needed.',
  );
  const program = join(folder, process.platform === 'win32' ? 'actionlint.exe' : 'actionlint');
  const { code, output } = await run(program, ['-no-color', '-format', '{{json .}}', file]);
  // 0: nothing found, 1: something found, else it could not read the file.
  if (code > 1) throw new Error(`actionlint ended with code ${code}:\n${output}`);
  return JSON.parse(output).map(({ message, line, column, kind, snippet }) => ({
    message,
    line,
    column,
    kind,
    snippet,
  }));
}
