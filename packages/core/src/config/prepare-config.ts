import { z } from 'zod';

const how = ['sql', 'entry', 'command'] as const;
const ofScripts = ['params', 'seed', 'timeoutMinutes'] as const;

/** How the sources of a dataset become its table: SQL that we run, or a script of the project. */
export const prepareConfigSchema = z
  .strictObject({
    sql: z
      .string()
      .min(1)
      .optional()
      .describe('A SQL file, relative to this config: one SELECT over the sources, run by DuckDB.'),
    entry: z
      .string()
      .min(1)
      .optional()
      .describe('Instead of sql: a script (.ts, .js, .mjs, .cjs or .py), relative to this config.'),
    command: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('Instead of sql: program and arguments, run without a shell in the folder of this config.'),
    params: z
      .record(z.string(), z.json())
      .optional()
      .describe('Handed to the script as they are; part of the cache key. Default {}.'),
    seed: z
      .int()
      .min(0)
      .optional()
      .describe('Seed of every random choice of the script; part of the cache key. Default 0.'),
    timeoutMinutes: z.number().gt(0).optional().describe('A script that takes longer is stopped and fails.'),
  })
  .superRefine((prepare, context) => {
    const given = how.filter((key) => prepare[key] !== undefined);
    if (given.length !== 1) {
      context.addIssue({
        code: 'custom',
        message: `give one of "sql", "entry" and "command"${given.length === 0 ? '' : `, not ${given.map((key) => `"${key}"`).join(' and ')}`}`,
      });
    }
    for (const key of ofScripts) {
      if (prepare.sql === undefined || prepare[key] === undefined) continue;
      context.addIssue({
        code: 'custom',
        path: [key],
        message: 'belongs to a script ("entry" or "command"); SQL has none, so leave it out',
      });
    }
  });
export type PrepareConfig = z.infer<typeof prepareConfigSchema>;

/** The script that prepares a dataset, its defaults filled in; undefined where SQL does, or nothing. */
export function prepareScriptOf(
  prepare: PrepareConfig | undefined,
):
  | (Pick<PrepareConfig, 'entry' | 'command' | 'timeoutMinutes'> &
      Required<Pick<PrepareConfig, 'params' | 'seed'>>)
  | undefined {
  if (prepare === undefined || (prepare.entry === undefined && prepare.command === undefined))
    return undefined;
  const { entry, command, params = {}, seed = 0, timeoutMinutes } = prepare;
  return { entry, command, params, seed, timeoutMinutes };
}
