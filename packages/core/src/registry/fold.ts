import type { RegistryEvent } from './event';
import { applyRolloutEvent, rolloutStartedBy } from './rollout/apply-rollout-event';
import type { Rollout } from './rollout/rollout';
import type { Deployment, ModelState, Withdrawal } from './state';

/** The state of a model after these events, which are its whole log in order. */
export function foldEvents(model: string, events: readonly RegistryEvent[]): ModelState {
  const versions = new Map<number, string>();
  const records = new Map<number, string>();
  const pruned = new Set<number>();
  const past = new Map<string, Deployment[]>();
  const blocked = new Map<string, Set<string>>();
  const withdrawals = new Map<string, Withdrawal[]>();
  const rollouts = new Map<string, Rollout>();
  const active = new Map<string, Rollout>();

  const setRollout = (rollout: Rollout) => {
    rollouts.set(rollout.id, rollout);
    if (rollout.end === undefined) active.set(rollout.environment, rollout);
    else active.delete(rollout.environment);
  };
  const supersede = ({ environment, at, actor, seq }: EventInEnvironment, by: string) => {
    const former = active.get(environment);
    if (former === undefined) return;
    setRollout({ ...former, end: { kind: 'superseded', by, at, actor }, lastSeq: seq });
  };
  const withdraw = (withdrawal: Withdrawal) => {
    listAt(withdrawals, withdrawal.environment).push(withdrawal);
    setAt(blocked, withdrawal.environment).add(withdrawal.digest);
  };

  for (const event of events) {
    switch (event.type) {
      case 'registered':
        versions.set(event.version, event.digest);
        if (event.record !== undefined) records.set(event.version, event.record);
        break;
      case 'pruned':
        pruned.add(event.version);
        break;
      case 'deployed':
      case 'promoted':
        supersede(event, `version ${event.version}`);
        listAt(past, event.environment).push(deploymentOf(event));
        break;
      case 'rolled-back':
        supersede(event, `version ${event.version}`);
        listAt(past, event.environment).push(deploymentOf(event));
        withdraw(withdrawalOf(event, event.blocked, 'rolled back'));
        break;
      case 'released':
        setAt(blocked, event.environment).delete(event.digest);
        break;
      case 'rollout-started':
        supersede(event, event.rollout);
        setRollout(rolloutStartedBy(event));
        break;
      case 'rollout-approved':
      case 'rollout-held':
      case 'rollout-advanced':
      case 'rollout-observed':
      case 'rollout-completed':
      case 'rollout-aborted': {
        const rollout = active.get(event.environment);
        if (rollout?.id === event.rollout) setRollout(applyRolloutEvent(rollout, event));
        if (event.type === 'rollout-completed') listAt(past, event.environment).push(deploymentOf(event));
        if (event.type === 'rollout-aborted' && event.quarantined) {
          withdraw(withdrawalOf(event, event.digest, 'aborted'));
        }
        break;
      }
    }
  }

  const deployments = new Map<string, Deployment>();
  for (const [environment, list] of past) {
    const current = list.at(-1);
    if (current !== undefined) deployments.set(environment, current);
  }
  const last = events.at(-1);
  return {
    model,
    versions,
    records,
    pruned,
    deployments,
    past,
    blocked,
    withdrawals,
    active,
    rollouts,
    ...(last === undefined ? {} : { lastAt: last.at }),
    lastSeq: last?.seq ?? 0,
  };
}

type DeployingEvent = Extract<
  RegistryEvent,
  { type: 'deployed' | 'promoted' | 'rolled-back' | 'rollout-completed' }
>;
type EventInEnvironment = Extract<RegistryEvent, { environment: string }>;
type WithdrawingEvent = Extract<RegistryEvent, { type: 'rolled-back' | 'rollout-aborted' }>;

/** What an environment serves once this event is recorded. */
export function deploymentOf(event: DeployingEvent): Deployment {
  const { environment, version, digest, at, actor, reason, seq } = event;
  return { environment, version, digest, since: at, actor, ...(reason === undefined ? {} : { reason }), seq };
}

function withdrawalOf(
  { environment, at, actor, reason, seq }: WithdrawingEvent,
  digest: string,
  kind: Withdrawal['kind'],
): Withdrawal {
  return { environment, digest, kind, at, actor, ...(reason === undefined ? {} : { reason }), seq };
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
