import { MlopsError, messageOf } from '@nx-mlops/core';
import { z } from 'zod';
import { ciSystemOf, isSet } from '../../doctor/ci-system';
import { ApiClient } from '../../reporting/pull-request/api-client';
import { ApiFailure } from '../../reporting/pull-request/api-failure';
import { retry } from '../../reporting/pull-request/retry';

/** Of a later commit that was faster there may be some; more than these are not at work at once. */
const PER_PAGE = 20;

const sha = z.string().regex(/^[0-9a-f]{40,64}$/);
const gitHubRuns = z.object({ workflow_runs: z.array(z.object({ head_sha: sha })) });
const gitLabPipelines = z.array(z.object({ sha }));

export interface GreenCommits {
  /** The newest first; empty where the source knows of none. */
  readonly commits: readonly string[];
  /** Who says so, for people. */
  readonly source: string;
}

export interface GreenRequest {
  readonly env: NodeJS.ProcessEnv;
  readonly branch: string;
  /** The one that `state.json` has. */
  readonly recorded: string | undefined;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
  /** Of the calls, for specs. */
  readonly retries?: { readonly attempts?: number; readonly firstWait?: number };
}

/** Asks whoever knows best: the CI system, else what an earlier pipeline left in `state.json`. */
export async function greenCommits(request: GreenRequest): Promise<GreenCommits> {
  const { env, print, recorded, signal } = request;
  const asked = askedOf(request);
  if (asked !== undefined) {
    try {
      const commits = await retry(() => asked.ask(), {
        ...request.retries,
        subject: asked.source,
        signal,
        print,
      });
      return { commits, source: asked.source };
    } catch (error) {
      signal.throwIfAborted();
      print(
        `${asked.source} does not tell the last green commit: ${messageOf(error)}.${hintOf(error, asked)}`,
      );
    }
  }
  const ofJenkins = env['GIT_PREVIOUS_SUCCESSFUL_COMMIT'];
  if (ciSystemOf(env) === 'jenkins' && sha.safeParse(ofJenkins).success) {
    return { commits: [ofJenkins as string], source: 'Jenkins' };
  }
  return { commits: recorded === undefined ? [] : [recorded], source: '.mlops/ci/state.json' };
}

interface Asked {
  readonly source: string;
  /** What the token needs. */
  readonly permission: string;
  readonly ask: () => Promise<string[]>;
}

function askedOf({ env, branch, signal }: GreenRequest): Asked | undefined {
  const query = (words: Readonly<Record<string, string>>) => new URLSearchParams(words).toString();
  switch (ciSystemOf(env)) {
    case 'github': {
      const { GITHUB_TOKEN: token, GITHUB_REPOSITORY: repository } = env;
      const workflow = workflowFile(env['GITHUB_WORKFLOW_REF']);
      if (!isSet(token) || !isSet(repository) || workflow === undefined) return undefined;
      const client = new ApiClient({
        baseUrl: isSet(env['GITHUB_API_URL']) ? env['GITHUB_API_URL'] : 'https://api.github.com',
        headers: {
          accept: 'application/vnd.github+json',
          authorization: `Bearer ${token}`,
          'x-github-api-version': '2022-11-28',
        },
        signal,
      });
      const path = `/repos/${repository.split('/').map(encodeURIComponent).join('/')}/actions/workflows/${encodeURIComponent(workflow)}/runs`;
      return {
        source: 'GitHub',
        permission: 'Give the job "permissions: actions: read".',
        ask: async () => {
          const words = { branch, status: 'success', event: 'push', per_page: String(PER_PAGE) };
          const { body } = await client.call('GET', `${path}?${query(words)}`);
          return parsed(gitHubRuns, body).workflow_runs.map((run) => run.head_sha);
        },
      };
    }
    case 'gitlab': {
      const token = [env['MLOPS_GITLAB_TOKEN'], env['GITLAB_TOKEN']].find(isSet);
      const { CI_API_V4_URL: baseUrl, CI_PROJECT_ID: project } = env;
      if (token === undefined || !isSet(baseUrl) || !isSet(project)) return undefined;
      const client = new ApiClient({ baseUrl, headers: { 'private-token': token }, signal });
      return {
        source: 'GitLab',
        permission: 'The token needs the scope "read_api".',
        ask: async () => {
          const words = { ref: branch, status: 'success', source: 'push', per_page: String(PER_PAGE) };
          const path = `/projects/${encodeURIComponent(project)}/pipelines?${query(words)}`;
          return parsed(gitLabPipelines, (await client.call('GET', path)).body).map(
            (pipeline) => pipeline.sha,
          );
        },
      };
    }
    default:
      return undefined;
  }
}

/** `acme/shop/.github/workflows/ci.yml@refs/heads/main` gives `ci.yml`. */
function workflowFile(ref: string | undefined): string | undefined {
  return /\/([^/@]+\.ya?ml)@/.exec(ref ?? '')?.[1];
}

function parsed<Result>(schema: z.ZodType<Result>, body: unknown): Result {
  const { success, data } = schema.safeParse(body);
  if (success) return data;
  throw new MlopsError('MLOPS_CI_GREEN', 'the answer has another form than the API says');
}

function hintOf(error: unknown, { permission }: Asked): string {
  const isRefused = error instanceof ApiFailure && [401, 403, 404].includes(error.status ?? 0);
  return isRefused ? ` ${permission}` : '';
}
