import type { EnvironmentConfig } from '@nx-mlops/core';
import { LocalTarget } from './local-target';
import type { Target } from './target';

/** What serves an environment, as mlops.json names it. */
export function openTarget({ target }: Pick<EnvironmentConfig, 'target'>): Target {
  return target === 'local' ? new LocalTarget() : new LocalTarget(target.url);
}
