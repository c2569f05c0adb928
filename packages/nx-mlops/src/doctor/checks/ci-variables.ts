import { readFile } from 'node:fs/promises';
import { approvalPolicyOf } from '@nx-mlops/core';
import { gitHubPullRequest, parseGitHubEvent } from '../../reporting/pull-request/ci-environment';
import { reportPlace } from '../../reporting/pull-request/report-place';
import { currentActor } from '../../rollout/actor';
import { ciSystemTitles, isSet } from '../ci-system';
import { ok, skipped, warning, type Finding } from '../finding';
import type { Check, Surroundings } from '../surroundings';

const SYSTEM = 'CI system';
const COMMENT = 'report comment';
const ACTOR = 'actor';

/** Whether the CI system tells the report where its comment goes, gives it a token, and says who started the job. */
export const ciVariablesCheck: Check = {
  name: SYSTEM,
  async run(surroundings) {
    const { ciSystem, isCi } = surroundings;
    if (ciSystem === undefined) {
      const why = isCi
        ? 'judged as in CI, but no variables of a CI system are set here'
        : 'this is no CI job';
      return [skipped(SYSTEM, why), skipped(COMMENT, why), judgeActor(surroundings)];
    }
    return [ok(SYSTEM, ciSystemTitles[ciSystem]), await judgeComment(surroundings), judgeActor(surroundings)];
  },
};

async function judgeComment({ ciSystem, env }: Surroundings): Promise<Finding> {
  if (ciSystem === 'jenkins') return judgeJenkins(env);
  const eventFile = env['GITHUB_EVENT_PATH'];
  const event = parseGitHubEvent(
    isSet(eventFile) ? await readFile(eventFile, 'utf8').catch(() => undefined) : undefined,
  );
  const belongs =
    ciSystem === 'github'
      ? gitHubPullRequest(env, event) !== undefined
      : ciSystem === 'gitlab' && isSet(env['CI_MERGE_REQUEST_IID']);
  if (!belongs)
    return skipped(COMMENT, 'this job belongs to no pull or merge request; the report is in its file');
  const place = reportPlace(env, event, {});
  if (place.kind !== 'none')
    return ok(COMMENT, `goes to number ${'number' in place ? place.number : place.iid}; there is a token`);
  const fallback =
    ciSystem === 'github' && isSet(env['GITHUB_STEP_SUMMARY']) ? "the job's summary" : 'its file and the log';
  return warning(
    COMMENT,
    `is not written, since ${place.because}`,
    `Needed by the step that runs nx-mlops report alone; without it the report is in ${fallback} (docs/pull-request-report.md).`,
  );
}

/** Jenkins does not say who hosts the repository; the command line does. */
function judgeJenkins(env: NodeJS.ProcessEnv): Finding {
  if (!isSet(env['CHANGE_ID']) && !isSet(env['gitlabMergeRequestIid'])) {
    return skipped(COMMENT, 'this job belongs to no pull or merge request; the report is in its file');
  }
  const token = ['GITHUB_TOKEN', 'GITLAB_TOKEN', 'MLOPS_GITLAB_TOKEN'].find((name) => isSet(env[name]));
  if (token !== undefined) {
    return ok(
      COMMENT,
      `${token} is set; say nx-mlops report --provider=… --repository=…, which Jenkins does not tell`,
    );
  }
  return warning(
    COMMENT,
    'is not written, since there is neither GITHUB_TOKEN nor GITLAB_TOKEN',
    'Wrap nx-mlops report in withCredentials; without it the report is in its file and the log (docs/pull-request-report.md).',
  );
}

/** Whom the history names. */
function judgeActor({ env, ciSystem, mlops }: Surroundings): Finding {
  const actor = currentActor(env);
  const names = (mlops?.environments ?? [])
    .filter((environment) => approvalPolicyOf(environment).count > 0)
    .map(({ name }) => `"${name}"`);
  // Elsewhere the provider says who it was.
  if (ciSystem === 'jenkins' && !isSet(env['BUILD_USER']) && names.length > 0) {
    return warning(
      ACTOR,
      `${names.join(' and ')} asks for approvals, and all jobs here would be by "${actor}", for Jenkins does not say who started one`,
      'Install the plugin "build user vars" and wrap the commands in wrap([$class: "BuildUser"]), so that the history names people.',
    );
  }
  return ok(ACTOR, actor);
}
