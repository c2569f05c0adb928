import { skipped, type Finding } from './finding';

/** Of a check that goes by mlops.json, where that cannot be read. */
export function unreadConfig(name: string): Finding {
  return skipped(name, 'mlops.json cannot be read');
}
