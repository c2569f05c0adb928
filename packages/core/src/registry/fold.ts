import type { RegistryEvent } from './event';
import type { Deployment, ModelState, Rollback } from './state';

/** The state of a model after these events, which are its whole log in order. */
export function foldEvents(model: string, events: readonly RegistryEvent[]): ModelState {
  const versions = new Map<number, string>();
  const past = new Map<string, Deployment[]>();
  const blocked = new Map<string, Set<string>>();
  const rollbacks = new Map<string, Rollback[]>();

  for (const event of events) {
    switch (event.type) {
      case 'registered':
        versions.set(event.version, event.digest);
        break;
      case 'deployed':
      case 'promoted':
        listAt(past, event.environment).push(deploymentOf(event));
        break;
      case 'rolled-back':
        listAt(past, event.environment).push(deploymentOf(event));
        listAt(rollbacks, event.environment).push(rollbackOf(event));
        setAt(blocked, event.environment).add(event.blocked);
        break;
      case 'released':
        setAt(blocked, event.environment).delete(event.digest);
        break;
    }
  }

  const deployments = new Map<string, Deployment>();
  for (const [environment, list] of past) {
    const current = list.at(-1);
    if (current !== undefined) deployments.set(environment, current);
  }
  return { model, versions, deployments, past, blocked, rollbacks, lastSeq: events.at(-1)?.seq ?? 0 };
}

type DeployingEvent = Extract<RegistryEvent, { type: 'deployed' | 'promoted' | 'rolled-back' }>;
type RollbackEvent = Extract<RegistryEvent, { type: 'rolled-back' }>;

/** What an environment serves once this event is recorded. */
export function deploymentOf(event: DeployingEvent): Deployment {
  const { environment, version, digest, at, actor, reason, seq } = event;
  return { environment, version, digest, since: at, actor, ...(reason === undefined ? {} : { reason }), seq };
}

function rollbackOf({ environment, blocked, at, actor, reason, seq }: RollbackEvent): Rollback {
  return { environment, digest: blocked, at, actor, ...(reason === undefined ? {} : { reason }), seq };
}

function listAt<Item>(map: Map<string, Item[]>, key: string): Item[] {
  const list = map.get(key) ?? [];
  map.set(key, list);
  return list;
}

function setAt<Item>(map: Map<string, Set<Item>>, key: string): Set<Item> {
  const set = map.get(key) ?? new Set<Item>();
  map.set(key, set);
  return set;
}
