import { z } from 'zod';

/** What a check that does not hold does: fails the task, warns, or is only told. `off`: the check is not run. */
export const checkSeverities = ['fail', 'warn', 'info', 'off'] as const;
export type CheckSeverity = (typeof checkSeverities)[number];

interface ParameterDefinition {
  readonly preset: number;
  readonly minimum: number;
  readonly maximum?: number;
  readonly description: string;
}

interface CheckDefinition {
  readonly preset: Exclude<CheckSeverity, 'off'>;
  readonly description: string;
  readonly parameters?: Readonly<Record<string, ParameterDefinition>>;
}

const share = (preset: number, description: string): ParameterDefinition => ({
  preset,
  minimum: 0,
  maximum: 1,
  description,
});

/** Every check that `validate` has by itself, with its severity and parameters when the config says nothing. */
export const checkCatalogue = {
  column: { preset: 'fail', description: 'Each field of the schema is a column.' },
  undeclared: { preset: 'warn', description: 'Each column is a field of the schema, where there is one.' },
  type: { preset: 'fail', description: 'Columns are of the type that the schema says.' },
  required: { preset: 'fail', description: 'No missing values.' },
  unique: { preset: 'fail', description: 'No value twice.' },
  minimum: { preset: 'fail', description: 'No value below constraints.minimum.' },
  maximum: { preset: 'fail', description: 'No value above constraints.maximum.' },
  exclusiveMinimum: { preset: 'fail', description: 'All values above constraints.exclusiveMinimum.' },
  exclusiveMaximum: { preset: 'fail', description: 'All values below constraints.exclusiveMaximum.' },
  minLength: { preset: 'fail', description: 'No text shorter than constraints.minLength.' },
  maxLength: { preset: 'fail', description: 'No text longer than constraints.maxLength.' },
  enum: { preset: 'fail', description: 'No value that is not among constraints.enum.' },
  pattern: { preset: 'fail', description: 'All text matches constraints.pattern as a whole.' },
  primaryKey: { preset: 'fail', description: 'The primary key is complete and names a row once.' },
  minRows: { preset: 'fail', description: 'Each split has validation.minRows rows.' },
  rowShare: {
    preset: 'warn',
    description: 'No split is tiny beside the reference.',
    parameters: { minimum: share(0.01, 'Least rows, as a share of those of the reference.') },
  },
  missing: {
    preset: 'fail',
    description:
      'No larger share of missing values than in the reference: at most max(3 standard errors, margin) more.',
    parameters: { margin: share(0.01, 'What the share may always be above that of the reference.') },
  },
  range: {
    preset: 'warn',
    description:
      'Numbers stay in the range of the reference, but for the few that chance takes a little beyond its ends.',
  },
  newCategory: {
    preset: 'warn',
    description: 'No more values that the reference does not have than its own rare values let expect.',
  },
  newLabel: { preset: 'fail', description: 'The label has no class that the reference does not have.' },
  empty: { preset: 'warn', description: 'No column without any value.' },
  constant: { preset: 'warn', description: 'No column of one value.' },
  duplicateColumn: { preset: 'warn', description: 'No two columns that are equal in every row.' },
  duplicateRows: {
    preset: 'warn',
    description: 'No rows that repeat an earlier one.',
    parameters: { maximum: share(0, 'Largest share of rows that may repeat an earlier one.') },
  },
  overlap: {
    preset: 'fail',
    description:
      'No row is in two splits. Only a warning for splits by condition of rows without a key, where more are equal than chance explains.',
  },
  groupOverlap: { preset: 'fail', description: 'No key or group is in two splits.' },
  labelLeakage: {
    preset: 'warn',
    description: 'No single feature gives the label away.',
    parameters: {
      maximum: share(
        0.99,
        'Largest strength: ROC AUC for a label of two classes, share of errors avoided for several, correlation for numbers.',
      ),
    },
  },
  timeOrder: { preset: 'fail', description: 'No row is older than the newest of the reference.' },
  skew: {
    preset: 'warn',
    description: 'Columns are distributed as in the reference (Jensen-Shannon distance, base 2).',
    parameters: {
      threshold: share(0.1, 'Least distance that counts, where the noise of sampling is smaller than that.'),
      minRows: {
        preset: 100,
        minimum: 1,
        description: 'Fewer values, in either split, are too few to tell.',
      },
    },
  },
} as const satisfies Record<string, CheckDefinition>;

export type CheckName = keyof typeof checkCatalogue;
export const checkNames = Object.keys(checkCatalogue) as readonly CheckName[];

const severitySchema = z.enum(checkSeverities);

/** A severity, or an object with it and the parameters of the check. */
export type CheckSetting =
  | CheckSeverity
  | ({ readonly severity?: CheckSeverity } & Readonly<Record<string, number | string | undefined>>);

type SettingSchema = z.ZodOptional<z.ZodType<CheckSetting, CheckSetting>>;

function settingSchema({ preset, description, parameters = {} }: CheckDefinition): SettingSchema {
  const shape = Object.fromEntries(
    Object.entries(parameters).map(([name, parameter]) => {
      const number = z.number().min(parameter.minimum);
      return [
        name,
        (parameter.maximum === undefined ? number : number.max(parameter.maximum))
          .optional()
          .describe(`${parameter.description} ${parameter.preset} when left out.`),
      ];
    }),
  );
  return z
    .union([severitySchema, z.strictObject({ severity: severitySchema.optional(), ...shape })])
    .optional()
    .describe(`${description} "${preset}" when left out.`) as SettingSchema;
}

/** `validation.checks` of a dataset's config. */
export const checkSettingsSchema = z.strictObject(
  Object.fromEntries(checkNames.map((name) => [name, settingSchema(checkCatalogue[name])])) as Record<
    CheckName,
    SettingSchema
  >,
);
export type CheckSettings = Partial<Record<CheckName, CheckSetting>>;

/** What the config says of a check's severity, or its own. */
export function severityOf(
  settings: CheckSettings | undefined,
  check: CheckName,
  preset: CheckSeverity = checkCatalogue[check].preset,
): CheckSeverity {
  const setting = settings?.[check];
  return (typeof setting === 'string' ? setting : setting?.severity) ?? preset;
}

/** A parameter of a check: what the config says, or its preset. */
export function parameterOf(
  settings: CheckSettings | undefined,
  check: CheckName,
  parameter: string,
): number {
  const setting = settings?.[check];
  const given = typeof setting === 'object' ? setting[parameter] : undefined;
  if (typeof given === 'number') return given;
  const { parameters = {} } = checkCatalogue[check] as CheckDefinition;
  const definition = parameters[parameter];
  if (definition === undefined) throw new TypeError(`the check "${check}" has no parameter "${parameter}"`);
  return definition.preset;
}
