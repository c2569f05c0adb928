import { parseJson } from '@nx/devkit';
import type { CiProvider } from '@nx-mlops/core';
import { setJsonValue } from '../../init/edit-json';
import type { CiGeneratorSchema } from '../schema';

/**
 * mlops.json with what the options say in its `ci`; comments and all else stay.
 *
 * @returns the same text where it says so already
 */
export function withCiSection(
  text: string,
  {
    provider,
    agents,
    schedule,
    runner,
  }: Pick<CiGeneratorSchema, 'provider' | 'agents' | 'schedule' | 'runner'>,
): string {
  const present = (parseJson<{ ci?: Record<string, unknown> }>(text, { allowTrailingComma: true }).ci ??
    {}) as { readonly providers?: CiProvider[] };
  const providers = present.providers ?? [];
  const wanted: Record<string, unknown> = {
    ...(providers.includes(provider) ? {} : { providers: [...providers, provider] }),
    ...(agents === undefined ? {} : { agents }),
    ...(schedule === undefined ? {} : { schedule: schedule === 'false' ? false : schedule }),
    ...(runner === undefined ? {} : { runner }),
  };
  return Object.entries(wanted)
    .filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(present[key as 'providers']))
    .reduce((result, [key, value]) => setJsonValue(result, ['ci', key], value), text);
}
