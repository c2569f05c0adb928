import { MlopsError, suggestion, type DatasetConfig, type FieldConfig, type Task } from '@nx-mlops/core';

/** The tasks that have a training script of their own. */
export type TemplateTask = Exclude<Task, 'custom' | 'ranking'>;

/** A choice and the reason for it, to be printed. */
export interface Proposal<Value> {
  readonly value: Value;
  /** As in "late, *the last boolean column*". */
  readonly because: string;
}

/** What a model learns: proposed from the dataset's schema, or given by the user. */
export interface LearningProblem {
  readonly task: Proposal<TemplateTask>;
  readonly target: Proposal<string>;
  readonly features: readonly string[];
  /** Columns that are no features although the user named none, and why. */
  readonly leftOut: readonly Proposal<string>[];
  /** Classification: how many classes the schema lists, where it does. */
  readonly classes: number | undefined;
}

export interface LearningOptions {
  readonly task?: TemplateTask;
  readonly target?: string;
  readonly features?: readonly string[];
}

/**
 * Works out task, target and features.
 *
 * @param config the dataset; its schema decides where the options are silent
 * @param configFile named in errors
 * @throws MlopsError MLOPS_SCHEMA_NEEDED, MLOPS_UNKNOWN_COLUMN, MLOPS_COLUMN_UNFIT, MLOPS_NO_TARGET, MLOPS_NO_FEATURES
 */
export function proposeLearningProblem(
  config: DatasetConfig,
  options: LearningOptions,
  configFile: string,
): LearningProblem {
  const fields = config.schema?.fields;
  if (fields === undefined) return withoutSchema(options, configFile);

  const target = chooseTarget(fields, config, options, configFile);
  const task = chooseTask(target.field, options.task, configFile);
  const { features, leftOut } = chooseFeatures(
    fields,
    config,
    target.field.name,
    options.features,
    configFile,
  );
  if (features.length === 0) {
    throw new MlopsError(
      'MLOPS_NO_FEATURES',
      `no column is left for the model to learn ${target.field.name} from: ${leftOut.map(({ value, because }) => `${value} is ${because}`).join('; ')}. Name them with --features=a,b.`,
      { file: configFile, path: 'schema.fields' },
    );
  }
  return {
    task,
    target: { value: target.field.name, because: target.because },
    features,
    leftOut,
    classes: classesOf(target.field),
  };
}

/** Without a schema there is nothing to propose from, so the user says it all. */
function withoutSchema({ task, target, features }: LearningOptions, file: string): LearningProblem {
  if (task === undefined || target === undefined || features === undefined || features.length === 0) {
    throw new MlopsError(
      'MLOPS_SCHEMA_NEEDED',
      'has no "schema", so its columns are not known here. Add one, or give all of --task, --target and --features=a,b.',
      { file },
    );
  }
  const because = 'as you said';
  return {
    task: { value: task, because },
    target: { value: target, because },
    features,
    leftOut: [],
    classes: task === 'binary-classification' ? 2 : undefined,
  };
}

/** Names that people give to what they predict. */
const targetNames = ['target', 'label', 'class', 'outcome', 'y'];
/** Names of well-known yes/no targets, which often come as 0 and 1. */
const yesNoNames = ['late', 'churn', 'churned', 'survived', 'fraud', 'is_fraud'];
/** Names of well-known targets with several classes. */
const categoryNames = ['class', 'label', 'species', 'category'];

function chooseTarget(
  fields: readonly FieldConfig[],
  config: DatasetConfig,
  options: LearningOptions,
  configFile: string,
): { field: FieldConfig; because: string } {
  if (options.target !== undefined) {
    return { field: fieldNamed(fields, options.target, '--target', configFile), because: 'as you said' };
  }
  const taken = new Set(options.features ?? []);
  const free = fields.filter(
    (field) => !taken.has(field.name) && learnable(field) && reasonAgainst(field, config) === undefined,
  );
  const fitting = free.filter((field) => options.task === undefined || fits(field, options.task));
  const named = fitting.find(({ name }) =>
    [...targetNames, ...yesNoNames, ...categoryNames].includes(name.toLowerCase()),
  );
  if (named !== undefined) return { field: named, because: 'which by its name is what one predicts' };
  const boolean = fitting.findLast(({ type }) => type === 'boolean');
  if (boolean !== undefined) return { field: boolean, because: 'the last column of yes and no' };
  const category = fitting.findLast((field) => field.constraints?.enum !== undefined);
  if (category !== undefined) return { field: category, because: 'the last column with a list of values' };
  const last = fitting.at(-1);
  if (last !== undefined) return { field: last, because: 'the last column' };
  throw new MlopsError(
    'MLOPS_NO_TARGET',
    `no column can be the target${options.task === undefined ? '' : ` of ${options.task}`}. Name one with --target=<column>.`,
    { file: configFile, path: 'schema.fields' },
  );
}

function chooseTask(
  target: FieldConfig,
  requested: TemplateTask | undefined,
  configFile: string,
): Proposal<TemplateTask> {
  if (!learnable(target)) {
    throw new MlopsError(
      'MLOPS_COLUMN_UNFIT',
      `${target.name} is a ${target.type}, which no task predicts. Derive a number or a category from it in the dataset's prepare SQL, or choose another --target.`,
      { file: configFile, path: 'schema.fields' },
    );
  }
  if (requested === undefined) return proposeTask(target);
  if (!fits(target, requested)) {
    throw new MlopsError(
      'MLOPS_COLUMN_UNFIT',
      `${target.name} is a ${target.type}, which is no target of ${requested}. It suits --task=${proposeTask(target).value}.`,
      { file: configFile, path: 'schema.fields' },
    );
  }
  return { value: requested, because: 'as you said' };
}

/** The task that a target of this kind asks for. */
function proposeTask(target: FieldConfig): Proposal<TemplateTask> {
  const { name, type } = target;
  const classes = classesOf(target);
  if (classes === 2) return { value: 'binary-classification', because: `since ${name} takes two values` };
  if (classes !== undefined) {
    return { value: 'multiclass-classification', because: `since ${name} takes ${classes} values` };
  }
  if (type === 'string') return { value: 'multiclass-classification', because: `since ${name} is text` };
  if (type === 'integer' && yesNoNames.includes(name.toLowerCase())) {
    return { value: 'binary-classification', because: `since ${name} by its name is yes or no` };
  }
  if (type === 'integer' && categoryNames.includes(name.toLowerCase())) {
    return { value: 'multiclass-classification', because: `since ${name} by its name is a class` };
  }
  return { value: 'regression', because: `since ${name} is a number` };
}

function fits({ type }: FieldConfig, task: TemplateTask): boolean {
  switch (task) {
    case 'regression':
      return type === 'number' || type === 'integer';
    case 'binary-classification':
    case 'multiclass-classification':
      return type !== 'number';
  }
}

function classesOf({ type, constraints }: FieldConfig): number | undefined {
  if (type === 'boolean') return 2;
  if (type === 'number') return undefined;
  if (constraints?.enum !== undefined && constraints.enum.length >= 2) return constraints.enum.length;
  return type === 'integer' && constraints?.minimum === 0 && constraints.maximum === 1 ? 2 : undefined;
}

/** Dates reach a model as numbers that the prepare SQL derives, such as the hour or the weekday. */
function learnable({ type }: FieldConfig): boolean {
  return type !== 'date' && type !== 'datetime';
}

function chooseFeatures(
  fields: readonly FieldConfig[],
  config: DatasetConfig,
  target: string,
  requested: readonly string[] | undefined,
  configFile: string,
): { features: string[]; leftOut: Proposal<string>[] } {
  if (requested !== undefined && requested.length > 0) {
    requested.forEach((name) => requireFeature(fields, name, target, configFile));
    return { features: [...new Set(requested)], leftOut: [] };
  }
  const judged = fields
    .filter(({ name }) => name !== target)
    .map((field) => ({ value: field.name, because: reasonAgainst(field, config) }));
  return {
    features: judged.filter(({ because }) => because === undefined).map(({ value }) => value),
    leftOut: judged.flatMap(({ value, because }) => (because === undefined ? [] : [{ value, because }])),
  };
}

function requireFeature(
  fields: readonly FieldConfig[],
  name: string,
  target: string,
  configFile: string,
): void {
  const field = fieldNamed(fields, name, '--features', configFile);
  if (name === target) {
    throw new MlopsError(
      'MLOPS_COLUMN_UNFIT',
      `--features: "${name}" is the target, so it cannot be a feature. Name another --target, or leave it out.`,
    );
  }
  if (!learnable(field)) {
    throw new MlopsError(
      'MLOPS_COLUMN_UNFIT',
      `--features: ${name} is a ${field.type}. Derive a number from it in the dataset's prepare SQL, such as its hour or weekday.`,
      { file: configFile, path: 'schema.fields' },
    );
  }
}

/** Why a column should not be learned from unless someone asks for it; undefined when nothing speaks against it. */
function reasonAgainst(field: FieldConfig, config: DatasetConfig): string | undefined {
  if (!learnable(field)) return `a ${field.type}: derive numbers from it in the prepare SQL`;
  const isKey = config.schema?.primaryKey?.includes(field.name) === true;
  if (isKey || field.constraints?.unique === true || /^(id|uuid)$|_id$|[a-z]Id$/.test(field.name)) {
    return 'a key, which says nothing about new rows';
  }
  if (decidesSplit(field.name, config)) return 'what tells the splits apart, so it differs between them';
  return undefined;
}

function decidesSplit(name: string, { splits }: DatasetConfig): boolean {
  const word = new RegExp(`(^|[^\\w])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}($|[^\\w])`, 'i');
  // What stands between single quotes is a value, not a column.
  return Object.values(splits).some(
    (split) => 'where' in split && word.test(split.where.replace(/'(?:[^']|'')*'/g, "''")),
  );
}

function fieldNamed(
  fields: readonly FieldConfig[],
  name: string,
  option: string,
  configFile: string,
): FieldConfig {
  const field = fields.find((candidate) => candidate.name === name);
  if (field !== undefined) return field;
  throw new MlopsError(
    'MLOPS_UNKNOWN_COLUMN',
    `${option}: there is no column "${name}".${suggestion(
      name,
      fields.map((candidate) => candidate.name),
    )}`,
    { file: configFile, path: 'schema.fields' },
  );
}
