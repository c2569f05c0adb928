import { z } from 'zod';
import { ciSystemOf, isSet } from '../../doctor/ci-system';

type Environment = Readonly<Record<string, string | undefined>>;

/** Why a pipeline runs, as its CI system tells. */
export type CiEvent =
  /** A pull or merge request. */
  | { readonly kind: 'change-request'; readonly target: string }
  | {
      readonly kind: 'push';
      readonly branch: string;
      /** The branch was moved to where it had not led before. */
      readonly isForced: boolean;
    }
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'schedule' }
  /** A laptop, or a CI system that tells nothing that we know. */
  | { readonly kind: 'none' };

const gitHubEventSchema = z.object({
  forced: z.boolean().optional(),
  merge_group: z.object({ base_ref: z.string() }).optional(),
});

/**
 * @param payload text of the file that GITHUB_EVENT_PATH names; anything that is no such event tells nothing
 */
export function ciEventOf(env: Environment, payload?: string): CiEvent {
  switch (ciSystemOf(env)) {
    case 'github':
      return gitHubEvent(env, payload);
    case 'gitlab':
      return gitLabEvent(env);
    case 'jenkins':
      return jenkinsEvent(env);
    default:
      return { kind: 'none' };
  }
}

function gitHubEvent(env: Environment, payload: string | undefined): CiEvent {
  const { forced, merge_group: mergeGroup } = parseGitHubPayload(payload);
  if (isSet(env['GITHUB_BASE_REF'])) return { kind: 'change-request', target: env['GITHUB_BASE_REF'] };
  const queue = branchOfRef(mergeGroup?.base_ref);
  if (queue !== undefined) return { kind: 'change-request', target: queue };
  if (env['GITHUB_EVENT_NAME'] === 'schedule') return { kind: 'schedule' };
  const tag = /^refs\/tags\/(.+)$/.exec(env['GITHUB_REF'] ?? '')?.[1];
  if (tag !== undefined) return { kind: 'tag', tag };
  const branch = branchOfRef(env['GITHUB_REF']);
  return branch === undefined ? { kind: 'none' } : { kind: 'push', branch, isForced: forced === true };
}

function gitLabEvent(env: Environment): CiEvent {
  const target = env['CI_MERGE_REQUEST_TARGET_BRANCH_NAME'];
  if (isSet(target)) return { kind: 'change-request', target };
  if (env['CI_PIPELINE_SOURCE'] === 'schedule') return { kind: 'schedule' };
  if (isSet(env['CI_COMMIT_TAG'])) return { kind: 'tag', tag: env['CI_COMMIT_TAG'] };
  return pushTo(env['CI_COMMIT_BRANCH']);
}

function jenkinsEvent(env: Environment): CiEvent {
  if (isSet(env['CHANGE_ID']) && isSet(env['CHANGE_TARGET'])) {
    return { kind: 'change-request', target: env['CHANGE_TARGET'] };
  }
  if (isSet(env['TAG_NAME'])) return { kind: 'tag', tag: env['TAG_NAME'] };
  // Outside of a multibranch pipeline there is only the branch with its remote.
  return pushTo(isSet(env['BRANCH_NAME']) ? env['BRANCH_NAME'] : env['GIT_BRANCH']?.replace(/^origin\//, ''));
}

function pushTo(branch: string | undefined): CiEvent {
  return isSet(branch) ? { kind: 'push', branch, isForced: false } : { kind: 'none' };
}

function branchOfRef(ref: string | undefined): string | undefined {
  return /^refs\/heads\/(.+)$/.exec(ref ?? '')?.[1];
}

function parseGitHubPayload(text: string | undefined): z.infer<typeof gitHubEventSchema> {
  try {
    return gitHubEventSchema.safeParse(JSON.parse(text ?? '{}')).data ?? {};
  } catch {
    return {};
  }
}
