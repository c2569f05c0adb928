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
    throw usage(command, messageOf(error), error);
  }
}

/**
 * The options of a command on one model, which is its only word.
 *
 * @throws MlopsError MLOPS_USAGE
 */
export function parseModelOptions<const Given extends Options>(
  command: string,
  args: readonly string[],
  options: Given,
): {
  readonly model: string;
  readonly values: ReturnType<
    typeof parseArgs<{ options: Given; strict: true; allowPositionals: true }>
  >['values'];
} {
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
  } catch (error) {
    throw usage(command, messageOf(error), error);
  }
  const [model, ...others] = parsed.positionals;
  if (model === undefined || others.length > 0) throw usage(command, 'It takes one model.');
  return { model, values: parsed.values };
}

function usage(command: string, what: string, cause?: unknown): MlopsError {
  return new MlopsError('MLOPS_USAGE', `${what} See nx-mlops ${command} --help.`, {}, { cause });
}

/** @throws MlopsError MLOPS_USAGE for what is no number from 0 */
export function numberOption(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new MlopsError('MLOPS_USAGE', `--${name} takes a number from 0, not "${text}".`);
}
