import type { RegistryEvent } from './event';
import { lastLineOf, parseEventLog } from './event-log';
import { registryConflict } from './registry-conflict';

/**
 * @param bytes of the whole log, whose last line alone is looked at: the caller has read and verified the log
 * @returns how many of them are whole lines
 * @throws MlopsError MLOPS_REGISTRY_CONFLICT when the event does not follow the last one; MLOPS_REGISTRY_TAMPERED
 */
export function refuseUnlessNext(event: RegistryEvent, bytes: Uint8Array, file: string): number {
  const tail = lastLineOf(bytes);
  const { events, wholeLength } = parseEventLog(tail, file);
  const last = events.at(-1);
  if (event.seq !== (last?.seq ?? 0) + 1 || (last !== undefined && event.previous !== last.hash)) {
    throw registryConflict(`recorded event ${last?.seq ?? 0}`, file);
  }
  return bytes.length - tail.length + wholeLength;
}
