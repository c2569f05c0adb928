import { z } from 'zod';
import { safeName } from './names';
import { prepareConfigSchema } from './prepare-config';
import { splitConfigSchema } from './split-config';
import { checkSettingsSchema, checkSeverities } from './validation-checks';

/** Types of a prepared column, in the terms of Frictionless Table Schema. */
export const columnTypes = ['string', 'integer', 'number', 'boolean', 'date', 'datetime'] as const;
export const columnTypeSchema = z.enum(columnTypes);
export type ColumnType = z.infer<typeof columnTypeSchema>;

export const sourceFormats = ['csv', 'parquet', 'jsonl', 'files'] as const;

/** What the CSV reader takes without an extension. */
export const sourceEncodings = ['utf-8', 'latin-1', 'utf-16'] as const;
export type SourceEncoding = (typeof sourceEncodings)[number];

const fileSource = z
  .strictObject({
    path: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .describe(
        'A file, folder or glob, or several, relative to the folder of this config, with forward slashes; or an https:// or s3:// address.',
      ),
    format: z
      .enum(sourceFormats)
      .optional()
      .describe(
        'Told from the file extension when left out. Of "files" the table is the list of the files (path, size, sha256), for images and other data that is no table.',
      ),
    encoding: z.enum(sourceEncodings).optional().describe('Of CSV files that are not UTF-8.'),
    types: z
      .record(z.string().min(1), columnTypeSchema)
      .optional()
      .describe(
        'Types of columns that are to be read otherwise than they look, by name: a postal code as "string" keeps its leading zeros.',
      ),
  })
  .describe('Raw data, pinned by digest in dataset.lock.json.');
export type FileSourceConfig = z.infer<typeof fileSource>;

const splitSource = z
  .strictObject({
    dataset: z
      .string()
      .regex(/^[^:]+:[^:]+$/, 'a dataset and its split, such as "flights:train"')
      .describe('Project and split of another dataset, such as "flights:train".'),
  })
  .describe('A split of another dataset, which is prepared and validated first.');
export type SplitSourceConfig = z.infer<typeof splitSource>;

const source = z.union([fileSource, splitSource]);

const constraints = z
  .strictObject({
    required: z.boolean().optional().describe('No missing values.'),
    unique: z.boolean().optional().describe('No value twice.'),
    minimum: z.union([z.number(), z.string()]).optional().describe('Smallest value allowed.'),
    maximum: z.union([z.number(), z.string()]).optional().describe('Largest value allowed.'),
    exclusiveMinimum: z
      .union([z.number(), z.string()])
      .optional()
      .describe('All values are above it; it is not allowed itself.'),
    exclusiveMaximum: z
      .union([z.number(), z.string()])
      .optional()
      .describe('All values are below it; it is not allowed itself.'),
    minLength: z.int().min(0).optional().describe('Fewest characters of a text.'),
    maxLength: z.int().min(0).optional().describe('Most characters of a text.'),
    enum: z
      .array(z.union([z.string(), z.number(), z.boolean()]))
      .optional()
      .describe('The only values allowed.'),
    pattern: z.string().optional().describe('A regular expression that the whole value matches.'),
  })
  .describe('As in Frictionless Table Schema.');

/** What a column is to a model. */
export const fieldRoles = ['feature', 'label', 'key', 'time', 'group', 'ignore'] as const;
export type FieldRole = (typeof fieldRoles)[number];

const fieldMl = z
  .strictObject({
    role: z
      .enum(fieldRoles)
      .optional()
      .describe(
        'What the column is to a model; "feature" when left out. Keys, groups and times are not held against the reference, an ignored column is only held against its constraints.',
      ),
    severity: z
      .enum(checkSeverities)
      .optional()
      .describe("Severity of every check of this column, instead of the check's own."),
  })
  .describe('What Frictionless Table Schema has no terms for.');

const field = z.strictObject({
  name: z.string().min(1).describe('Name of the column.'),
  type: columnTypeSchema.describe('Type of the column.'),
  description: z.string().optional().describe('For readers; no task depends on it.'),
  constraints: constraints.optional(),
  ml: fieldMl.optional(),
});
export type FieldConfig = z.infer<typeof field>;

export const datasetConfigSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Gives an editor completion and checks.'),
    name: z
      .string()
      .min(1)
      .optional()
      .describe('Name of the Nx project. The name of the folder when left out.'),
    description: z.string().optional().describe('For readers; no task depends on it.'),
    sources: z
      .record(safeName, source)
      .refine((sources) => Object.keys(sources).length > 0, 'at least one source')
      .describe('By name; the name is the table in the prepare SQL.'),
    prepare: prepareConfigSchema
      .optional()
      .describe('How the sources become one table. Left out, the only source is taken as it is.'),
    splitBy: z
      .strictObject({
        key: z
          .array(z.string().min(1))
          .min(1)
          .optional()
          .describe('Columns whose equal values stay in one split. The whole row when left out.'),
        seed: z.int().min(0).default(0).describe('Another seed gives another division of the rows.'),
      })
      .optional()
      .describe('How splits given by fraction choose their rows.'),
    splits: z
      .record(safeName, splitConfigSchema)
      .refine((splits) => Object.keys(splits).length > 0, 'at least one split')
      .describe('The tables that this dataset offers, such as train and test.'),
    schema: z
      .strictObject({
        fields: z.array(field).min(1).describe('The columns.'),
        missingValues: z
          .array(z.string())
          .optional()
          .describe(
            'Text that stands for a missing value in text columns, such as "NA". Only checks and profiles take it so: the splits keep it.',
          ),
        primaryKey: z
          .array(z.string().min(1))
          .min(1)
          .optional()
          .describe('Columns that together name a row once.'),
      })
      .optional()
      .describe('What the prepared table must be (Frictionless Table Schema).'),
    validation: z
      .strictObject({
        minRows: z.int().min(1).default(1).describe('Fewest rows that each split may have.'),
        reference: z
          .string()
          .min(1)
          .optional()
          .describe('The split that the others are held against. "train" when left out and there is one.'),
        label: z
          .string()
          .min(1)
          .optional()
          .describe('Column that is predicted. The field with the role "label" when left out.'),
        groupKey: z
          .array(z.string().min(1))
          .min(1)
          .optional()
          .describe(
            'Columns whose equal values must be in one split only. The fields with the role "group" when left out, else splitBy.key, else the primary key.',
          ),
        timeColumn: z
          .string()
          .min(1)
          .optional()
          .describe(
            'Date or datetime by which the splits follow each other. The field with the role "time" when left out.',
          ),
        checks: checkSettingsSchema
          .optional()
          .describe(
            'Severities by name of the check; or an object with `severity` and the parameters of the check, each of which may be left out.',
          ),
        sql: z
          .string()
          .min(1)
          .optional()
          .describe(
            'Folder of SQL files, relative to this config: each one SELECT over the splits that returns the offending rows.',
          ),
      })
      .optional()
      .describe('How the splits are checked.'),
  })
  .describe('A dataset: sources, how they are prepared, splits, schema.')
  .superRefine(({ prepare, splits }, context) => {
    if (prepare?.entry !== undefined || prepare?.command !== undefined) return;
    for (const [name, split] of Object.entries(splits)) {
      if (!('file' in split)) continue;
      context.addIssue({
        code: 'custom',
        path: ['splits', name, 'file'],
        message:
          'is left by a prepare script, and there is none; give "prepare.entry" or "prepare.command", or take the rows by "where" or "fraction"',
      });
    }
  });

export type DatasetConfig = z.infer<typeof datasetConfigSchema>;

/** The sources that are files, by name; the others are splits of other datasets. */
export function fileSourcesOf(config: Pick<DatasetConfig, 'sources'>): Record<string, FileSourceConfig> {
  return Object.fromEntries(
    Object.entries(config.sources).flatMap(([name, source]) => ('path' in source ? [[name, source]] : [])),
  );
}

/** The sources that are splits of other datasets, by name. */
export function splitSourcesOf(config: Pick<DatasetConfig, 'sources'>): Record<string, SplitSourceConfig> {
  return Object.fromEntries(
    Object.entries(config.sources).flatMap(([name, source]) => ('dataset' in source ? [[name, source]] : [])),
  );
}
