import { z } from 'zod';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a comment can say of the run that it comes from. */
export interface CiRun {
  /** Of the run's page; http or https. */
  readonly url?: string;
  /** That was checked out, or the head of the pull request. */
  readonly commit?: string;
}

const eventSchema = z.object({
  pull_request: z
    .object({ number: z.int().min(1), head: z.object({ sha: z.string() }).optional() })
    .optional(),
  issue: z.object({ number: z.int().min(1), pull_request: z.unknown().optional() }).optional(),
  workflow_run: z.object({ pull_requests: z.array(z.object({ number: z.int().min(1) })) }).optional(),
});
export type GitHubEvent = z.infer<typeof eventSchema>;

/** @param text of the file that GITHUB_EVENT_PATH names; anything else gives an event that tells nothing */
export function parseGitHubEvent(text: string | undefined): GitHubEvent {
  try {
    return eventSchema.safeParse(JSON.parse(text ?? '{}')).data ?? {};
  } catch {
    return {};
  }
}

/** The pull request that an Actions job runs for: by its event, else by `refs/pull/12/merge`. */
export function gitHubPullRequest(env: Environment, event: GitHubEvent): number | undefined {
  const { pull_request: pullRequest, issue, workflow_run: run } = event;
  if (pullRequest !== undefined) return pullRequest.number;
  if (issue?.pull_request !== undefined) return issue.number;
  // Empty of a fork; of several it cannot be told which is meant.
  if (run?.pull_requests.length === 1) return run.pull_requests[0]?.number;
  return wholeNumber(/^refs\/pull\/(\d+)\/(merge|head)$/.exec(env['GITHUB_REF'] ?? '')?.[1]);
}

/** Link and commit as GitHub, GitLab or Jenkins tells them. */
export function ciRun(env: Environment, event: GitHubEvent): CiRun {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
  const url =
    server !== undefined && repository !== undefined && run !== undefined
      ? `${server}/${repository}/actions/runs/${run}`
      : (env['CI_PIPELINE_URL'] ?? env['RUN_DISPLAY_URL'] ?? env['BUILD_URL']);
  const commit = [
    event.pull_request?.head?.sha,
    env['CI_MERGE_REQUEST_SOURCE_BRANCH_SHA'],
    env['GITHUB_SHA'],
    env['CI_COMMIT_SHA'],
    env['GIT_COMMIT'],
  ].find((sha) => sha !== undefined && /^[0-9a-f]{7,64}$/.test(sha));
  return {
    ...(isWebAddress(url) ? { url } : {}),
    ...(commit === undefined ? {} : { commit }),
  };
}

export function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
}

function isWebAddress(url: string | undefined): url is string {
  return url !== undefined && /^https?:\/\//.test(url) && URL.canParse(url);
}
