import { messageOf, MlopsError } from '@nx-mlops/core';
import { parseArgs, type ParseArgsConfig } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * The options of one command; it takes no other words.
 *
 * @throws MlopsError MLOPS_USAGE
 */
export function parseOptions<const Given extends Options>(
  command: string,
  args: readonly string[],
  options: Given,
): ReturnType<typeof parseArgs<{ options: Given; strict: true; allowPositionals: false }>>['values'] {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new MlopsError(
      'MLOPS_USAGE',
      `${messageOf(error)} See nx-mlops ${command} --help.`,
      {},
      { cause: error },
    );
  }
}

/** @throws MlopsError MLOPS_USAGE for what is no number from 0 */
export function numberOption(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new MlopsError('MLOPS_USAGE', `--${name} takes a number from 0, not "${text}".`);
}
