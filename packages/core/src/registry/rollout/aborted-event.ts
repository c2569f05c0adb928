import type { ChangeContext } from '../change-context';
import type { NewRegistryEvent } from '../event';
import type { Evidence } from './evidence';
import type { AbortCause, Rollout } from './rollout';

/** Causes that say nothing bad of the candidate. */
const blameless: ReadonlySet<AbortCause> = new Set(['deadline', 'undecided']);

/** The event that ends a rollout without its candidate. */
export function abortedEvent(
  { environment, id, candidate }: Rollout,
  cause: AbortCause,
  context: ChangeContext,
  options: { readonly evidence?: Evidence; readonly quarantine?: boolean } = {},
): NewRegistryEvent {
  const { evidence, quarantine = !blameless.has(cause) } = options;
  return {
    type: 'rollout-aborted',
    environment,
    rollout: id,
    ...candidate,
    cause,
    quarantined: quarantine,
    ...(evidence === undefined ? {} : { evidence }),
    ...context,
  };
}
