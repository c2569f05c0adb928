import { baseOfJobs } from '../../ci/base/base-of-jobs';
import { readCiEvent, resolveBase } from '../../ci/base/resolve-base';
import { isSet } from '../../doctor/ci-system';
import { runReport } from '../../executors/report/report-command';
import { STALE_DAYS } from '../../reporting/workspace/report-workspace';
import type { Command } from '../command';
import { numberOption, parseOptions } from '../parse-options';
import { workspaceRootOf } from '../workspace-root';
import { defaultBranchOf } from './ci/ci-settings';

export const report: Command = {
  help: `nx-mlops report [options]

Gathers the results of the affected models into .mlops/report/report.md, and writes them as one comment on the pull or
merge request, which later runs update. Run it after nx affected -t gate, also when that failed.

Which models:
  --base <commit>          affected since this commit. NX_BASE, then in CI what nx-mlops ci base finds, then what nx.json
                           says, when left out
  --head <commit>          up to this commit. NX_HEAD, then the work tree, when left out
  --projects <a,b>         these models instead
  --all                    all models instead

Where to:
  --output <file>          write the report to this file, too
  --run-file <file>        Nx's record of the run, for times: .mlops/ci/run.json after nx-mlops ci collect (default that
                           of Nx's last run here)
  --comment <mode>         required (default): a comment that cannot be written fails the command; optional: it does not;
                           off: no comment
  --slot <name>            name of the comment, where several workspaces of one repository each have one
  --provider <name>        github or gitlab, for a job elsewhere, such as on Jenkins
  --pull-request <number>  of the pull or merge request, where the environment does not tell
  --repository <name>      owner/name on GitHub, number or path of the project on GitLab
  --api-url <address>      of the API
  The token is GITHUB_TOKEN on GitHub, and MLOPS_GITLAB_TOKEN or GITLAB_TOKEN on GitLab.

  --stale-days <n>         warn of a baseline that was registered more days ago (default ${STALE_DAYS})
  --fail-on block          exit with 1 when a model is blocked or was not judged. The gates fail the build themselves,
                           so the report does not when this is left out
  --help                   this text
`,

  async run(args) {
    const values = parseOptions('report', args, {
      base: { type: 'string' },
      head: { type: 'string' },
      projects: { type: 'string', multiple: true },
      all: { type: 'boolean' },
      output: { type: 'string' },
      comment: { type: 'string' },
      'run-file': { type: 'string' },
      slot: { type: 'string' },
      provider: { type: 'string' },
      'pull-request': { type: 'string' },
      repository: { type: 'string' },
      'api-url': { type: 'string' },
      'stale-days': { type: 'string' },
      'fail-on': { type: 'string' },
    });
    const staleDays = values['stale-days'];
    const pullRequest = values['pull-request'];
    const controller = new AbortController();
    const abort = () => controller.abort(new Error('Stopped.'));
    process.once('SIGINT', abort);
    process.once('SIGTERM', abort);
    const workspaceRoot = workspaceRootOf(process.cwd());
    const projects = values.projects?.flatMap((names) => names.split(',')).filter((name) => name !== '');
    const isNamed = values.all === true || (projects !== undefined && projects.length > 0);
    const { base, head } = isNamed ? values : await comparedBy(workspaceRoot, values, controller.signal);
    return runReport(
      workspaceRoot,
      {
        base,
        head,
        projects,
        all: values.all,
        output: values.output,
        comment: values.comment,
        runFile: values['run-file'],
        slot: values.slot,
        provider: values.provider,
        repository: values.repository,
        apiUrl: values['api-url'],
        failOn: values['fail-on'],
        ...(staleDays === undefined ? {} : { staleDays: numberOption('stale-days', staleDays) }),
        ...(pullRequest === undefined ? {} : { pullRequest: numberOption('pull-request', pullRequest) }),
      },
      { print, signal: controller.signal },
    );
  },
};

interface Commits {
  readonly base?: string | undefined;
  readonly head?: string | undefined;
}

/** In CI the report is of the models that the check was of, so it finds its base as that does. */
async function comparedBy(workspaceRoot: string, given: Commits, signal: AbortSignal): Promise<Commits> {
  const { env } = process;
  if (given.base !== undefined || given.head !== undefined || isSet(env['NX_BASE'])) return given;
  if ((await readCiEvent(env)).kind === 'none') return given;
  const defaultBranch = defaultBranchOf(workspaceRoot);
  const { base, head, reason } = await resolveBase({ workspaceRoot, env, defaultBranch, signal, print });
  const ofJobs = await baseOfJobs(workspaceRoot, head);
  print(
    ofJobs === undefined ? reason : `The base is ${ofJobs.slice(0, 9)}, that of the jobs before this one.`,
  );
  return { base: ofJobs ?? base, head };
}

function print(line: string): void {
  console.log(line);
}
