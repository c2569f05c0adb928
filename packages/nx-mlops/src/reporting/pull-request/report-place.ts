import { MlopsError } from '@nx-mlops/core';
import { gitHubPullRequest, wholeNumber, type GitHubEvent } from './ci-environment';
import type { GitHubPlace } from './github-comments';
import type { GitLabPlace } from './gitlab-notes';

type Environment = Readonly<Record<string, string | undefined>>;

export const providers = ['github', 'gitlab'] as const;
export type Provider = (typeof providers)[number];

export interface PlaceOptions {
  /** Found by the environment when left out. */
  readonly provider?: Provider;
  /** Number of the pull or merge request. */
  readonly pullRequest?: number;
  /** `owner/name` on GitHub, number or path of the project on GitLab. */
  readonly repository?: string;
  /** Address of the API. */
  readonly apiUrl?: string;
}

/** Where the report goes beside its file. */
export type ReportPlace =
  | ({ readonly kind: 'github' } & GitHubPlace)
  | ({ readonly kind: 'gitlab' } & GitLabPlace)
  /** No comment can be written, for this reason. */
  | { readonly kind: 'none'; readonly because: string };

/**
 * Which pull or merge request to comment on, by the options and then by what the CI system tells: GitHub Actions, GitLab CI,
 * Jenkins with the GitHub or GitLab branch source.
 *
 * @throws MlopsError MLOPS_REPORT_PLACE for an option that cannot be
 */
export function reportPlace(env: Environment, event: GitHubEvent, options: PlaceOptions): ReportPlace {
  const { pullRequest, apiUrl } = options;
  if (pullRequest !== undefined && !(Number.isSafeInteger(pullRequest) && pullRequest > 0)) {
    throw badPlace('--pull-request', 'takes the number of a pull or merge request, such as 12.');
  }
  if (apiUrl !== undefined && !(/^https?:\/\//.test(apiUrl) && URL.canParse(apiUrl))) {
    throw badPlace('--api-url', 'takes an address such as https://github.example.org/api/v3.');
  }
  switch (options.provider ?? providerOf(env)) {
    case 'github':
      return gitHubPlace(env, event, options);
    case 'gitlab':
      return gitLabPlace(env, options);
    case undefined:
      return {
        kind: 'none',
        because: 'this is no job of GitHub Actions or GitLab CI; elsewhere say --provider=github or gitlab',
      };
  }
}

function providerOf(env: Environment): Provider | undefined {
  if (env['GITHUB_ACTIONS'] === 'true') return 'github';
  if (env['GITLAB_CI'] === 'true') return 'gitlab';
  return undefined;
}

function gitHubPlace(env: Environment, event: GitHubEvent, options: PlaceOptions): ReportPlace {
  const number = options.pullRequest ?? gitHubPullRequest(env, event) ?? wholeNumber(env['CHANGE_ID']);
  const repository = options.repository ?? env['GITHUB_REPOSITORY'];
  const token = given(env['GITHUB_TOKEN']);
  if (number === undefined) return none('this run belongs to no pull request');
  if (repository === undefined)
    return none('neither --repository nor GITHUB_REPOSITORY says which repository');
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    throw badPlace('--repository', `is owner/name on GitHub, not "${repository}".`);
  }
  if (token === undefined) {
    return none('there is no GITHUB_TOKEN; give the step "env: GITHUB_TOKEN: ${{ github.token }}"');
  }
  const api = options.apiUrl ?? given(env['GITHUB_API_URL']) ?? 'https://api.github.com';
  return { kind: 'github', api, repository, number, token };
}

function gitLabPlace(env: Environment, options: PlaceOptions): ReportPlace {
  const iid =
    options.pullRequest ??
    wholeNumber(env['CI_MERGE_REQUEST_IID']) ??
    wholeNumber(env['gitlabMergeRequestIid']) ??
    wholeNumber(env['CHANGE_ID']);
  const project = options.repository ?? given(env['CI_PROJECT_ID']);
  const token = given(env['MLOPS_GITLAB_TOKEN']) ?? given(env['GITLAB_TOKEN']);
  if (iid === undefined) {
    return none(
      'this pipeline belongs to no merge request; a job has one with "rules: - if: $CI_PIPELINE_SOURCE == \'merge_request_event\'"',
    );
  }
  if (project === undefined) return none('neither --repository nor CI_PROJECT_ID says which project');
  if (token === undefined) {
    return none(
      `there is neither GITLAB_TOKEN nor MLOPS_GITLAB_TOKEN${given(env['CI_JOB_TOKEN']) === undefined ? '' : ', and CI_JOB_TOKEN may not write notes'}; make a project access token with the scope "api" and give it to the job as a masked variable`,
    );
  }
  const api = options.apiUrl ?? given(env['CI_API_V4_URL']) ?? 'https://gitlab.com/api/v4';
  return { kind: 'gitlab', api, project, iid, token };
}

/** GitHub hands a secret that is not there to a job as an empty variable. */
function given(value: string | undefined): string | undefined {
  const trimmed = value?.trim();
  return trimmed === '' ? undefined : trimmed;
}

function none(because: string): ReportPlace {
  return { kind: 'none', because };
}

function badPlace(path: string, what: string): MlopsError {
  return new MlopsError('MLOPS_REPORT_PLACE', `${path} ${what}`);
}
