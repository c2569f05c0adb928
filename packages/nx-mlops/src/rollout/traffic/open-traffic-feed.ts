import { MlopsError, type TrafficFeed } from '@nx-mlops/core';
import { resolve } from 'node:path';
import { recordedFeed } from './recorded-feed';

const FILE = 'file:';

/**
 * The feed that `traffic` of an environment names.
 *
 * @param location such as `file:traffic.jsonl`
 * @param root of the workspace, which a path may be relative to
 * @throws MlopsError MLOPS_TRAFFIC_UNKNOWN_FEED when it is of no kind that is known
 */
export function openTrafficFeed(location: string, root: string): TrafficFeed {
  if (location.startsWith(FILE) && location.length > FILE.length) {
    return recordedFeed(resolve(root, location.slice(FILE.length)), location);
  }
  throw new MlopsError(
    'MLOPS_TRAFFIC_UNKNOWN_FEED',
    `"${location}" is no traffic feed. Write file:<path> of a JSON Lines file, or of a folder of them, as "traffic" of the environment.`,
    { file: 'mlops.json' },
  );
}
