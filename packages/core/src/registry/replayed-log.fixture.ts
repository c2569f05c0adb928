import type { RegistryEvent } from './event';

/** What a log comes to in one environment, told naively and apart from the code that folds logs in earnest. */
export interface ReplayedEnvironment {
  readonly serving?: string;
  readonly active?: string;
  readonly blocked: ReadonlySet<string>;
}

/**
 * Replays a log that commands have recorded, and checks what must hold of each event where it stands: that it is about the
 * one rollout under way there, that nothing unregistered or blocked begins to serve, and that a rollback leaves what served.
 *
 * @throws Error when one of these does not hold
 */
export function replay(events: readonly RegistryEvent[]): Map<string, ReplayedEnvironment> {
  const registered = new Set<string>();
  const environments = new Map<string, ReplayedEnvironment>();
  for (const event of events) {
    if (event.type === 'registered') registered.add(event.digest);
    if (event.type === 'registered' || event.type === 'pruned') continue;
    const before = environments.get(event.environment) ?? { blocked: new Set() };
    const must = (holds: boolean, what: string) => {
      if (!holds) throw new Error(`event ${event.seq} (${event.type}): ${what}`);
    };
    const mustServe = (digest: string) => {
      must(registered.has(digest), 'a digest serves that was never registered');
      must(!before.blocked.has(digest), 'a digest serves that is blocked');
    };
    environments.set(event.environment, after(before, event, must, mustServe));
  }
  return environments;
}

function after(
  before: ReplayedEnvironment,
  event: Exclude<RegistryEvent, { type: 'registered' | 'pruned' }>,
  must: (holds: boolean, what: string) => void,
  mustServe: (digest: string) => void,
): ReplayedEnvironment {
  const blocked = new Set(before.blocked);
  switch (event.type) {
    case 'deployed':
    case 'promoted':
      mustServe(event.digest);
      return { serving: event.digest, blocked };
    case 'rolled-back':
      mustServe(event.digest);
      must(event.blocked === before.serving, 'another digest is blocked than the one that served');
      return { serving: event.digest, blocked: blocked.add(event.blocked) };
    case 'released':
      must(blocked.delete(event.digest), 'a digest is released that is not blocked');
      return { ...before, blocked };
    case 'rollout-started':
      mustServe(event.digest);
      must(event.supersedes === before.active, 'it does not supersede the rollout under way');
      must(event.champion?.digest === before.serving, 'its champion is not what serves');
      return { ...before, active: event.rollout };
    case 'rollout-completed':
      must(event.rollout === before.active, 'its rollout is not under way');
      mustServe(event.digest);
      return { serving: event.digest, blocked };
    case 'rollout-observed':
    case 'rollout-aborted': {
      must(event.rollout === before.active, 'its rollout is not under way');
      if (event.type === 'rollout-aborted' && event.quarantined) blocked.add(event.digest);
      return { ...(before.serving === undefined ? {} : { serving: before.serving }), blocked };
    }
    case 'rollout-approved':
    case 'rollout-held':
    case 'rollout-advanced':
      must(event.rollout === before.active, 'its rollout is not under way');
      return before;
  }
}
