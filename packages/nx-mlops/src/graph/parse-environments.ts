import { layout, mlopsConfigSchema, parseConfig } from '@nx-mlops/core';

/**
 * Names of the environments in mlops.json, in order.
 *
 * @throws MlopsError as `parseConfig`
 */
export function parseEnvironments(text: string): string[] {
  return parseConfig(text, mlopsConfigSchema, layout.mlopsConfig).environments.map(({ name }) => name);
}
