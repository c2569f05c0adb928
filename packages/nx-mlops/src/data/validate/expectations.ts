import {
  MlopsError,
  type CheckName,
  type Column,
  type ColumnType,
  type DatasetConfig,
  type FieldConfig,
} from '@nx-mlops/core';
import { storedTypes } from '../column-types';
import { sqlIdentifier, sqlLiteral, sqlString } from '../sql-text';

/** Something that every row of a split must be, or a fact about its columns that is known without reading rows. */
export type Expectation =
  | {
      readonly kind: 'rows';
      readonly check: CheckName;
      readonly column: string;
      /** SQL condition, true for a row that breaks the expectation, false or NULL for any other. */
      readonly broken: string;
      /** Such as `is at least 0`: what holds when it passes. */
      readonly holds: string;
      /** A way out, added when it fails. */
      readonly hint?: string;
    }
  | { readonly kind: 'unique'; readonly check: CheckName; readonly columns: readonly string[] }
  | {
      readonly kind: 'known';
      readonly check: CheckName;
      readonly column: string;
      readonly holds: boolean;
      readonly because: string;
    };

type Schema = NonNullable<DatasetConfig['schema']>;

/**
 * What a schema asks of a split with these columns, field by field.
 *
 * @param file the config, named in errors
 * @throws MlopsError MLOPS_CONFIG_INVALID for a constraint that its type cannot have, such as a pattern on a number
 */
export function expectationsOf(schema: Schema, columns: readonly Column[], file: string): Expectation[] {
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const fields = schema.fields.flatMap((field, index) => {
    const constraints = constraintsOf(field, { file, path: `schema.fields[${index}].constraints` });
    const typed = typeExpectation(field, types.get(field.name), columns);
    // Constraints on a column of another type would only repeat the same failure in other words.
    return typed.kind === 'known' && typed.holds ? [typed, ...constraints] : [typed];
  });
  return [...fields, ...undeclared(schema, columns), ...primaryKey(schema, types, file)];
}

function typeExpectation(
  { name, type }: FieldConfig,
  found: ColumnType | undefined,
  columns: readonly Column[],
): Expectation {
  const known = { kind: 'known', check: 'type', column: name } as const;
  if (found === undefined) {
    return {
      ...known,
      check: 'column',
      holds: false,
      because: `the split has no such column; it has ${columns.map((column) => column.name).join(', ')}`,
    };
  }
  if (found === type) return { ...known, holds: true, because: `is ${type}` };
  // Which of the two a column of whole numbers is read as, may change from one month's data to the next.
  if (found === 'integer' && type === 'number') {
    return { ...known, holds: true, because: 'is integer, so it is number too' };
  }
  const misfit = misfits(name, found, type);
  const expected = `is ${type}`;
  if (misfit === undefined) {
    return {
      ...known,
      holds: false,
      because: `is ${found}, the schema says ${type}; write CAST(${sqlIdentifier(name)} AS ${storedTypes[type]}) in the prepare SQL, or "types": {${JSON.stringify(name)}: "${type}"} in the source, or "type": "${found}" in the schema`,
    };
  }
  return {
    kind: 'rows',
    check: 'type',
    column: name,
    broken: misfit,
    holds: expected,
    hint: `the column is ${found} for it`,
  };
}

/** True for values that keep a column from having the declared type; undefined where no single value is to blame. */
function misfits(name: string, found: ColumnType, declared: ColumnType): string | undefined {
  const column = sqlIdentifier(name);
  if (found === 'string') {
    return `${column} IS NOT NULL AND TRY_CAST(${column} AS ${storedTypes[declared]}) IS NULL`;
  }
  if (found === 'number' && declared === 'integer') return `${column} <> round(${column})`;
  return undefined;
}

function undeclared(schema: Schema, columns: readonly Column[]): Expectation[] {
  const declared = new Set(schema.fields.map(({ name }) => name));
  return columns
    .filter(({ name }) => !declared.has(name))
    .map(({ name, type }) => ({
      kind: 'known',
      check: 'undeclared',
      column: name,
      holds: false,
      because: `is not in the schema, so nothing checks it; add {"name": ${JSON.stringify(name)}, "type": "${type}"}`,
    }));
}

function primaryKey(schema: Schema, types: ReadonlyMap<string, ColumnType>, file: string): Expectation[] {
  const key = schema.primaryKey;
  if (key === undefined) return [];
  const unknown = key.find((name) => !schema.fields.some((field) => field.name === name));
  if (unknown !== undefined) {
    throw new MlopsError('MLOPS_CONFIG_INVALID', `"${unknown}" is not among schema.fields.`, {
      file,
      path: 'schema.primaryKey',
    });
  }
  if (!key.every((name) => types.has(name))) return [];
  return [
    ...key.map((name) => missingValues('primaryKey', name)),
    { kind: 'unique', check: 'primaryKey', columns: key },
  ];
}

function missingValues(check: CheckName, name: string): Expectation {
  return {
    kind: 'rows',
    check,
    column: name,
    broken: `${sqlIdentifier(name)} IS NULL`,
    holds: 'has no missing values',
  };
}

interface Location {
  readonly file: string;
  readonly path: string;
}

/** Constraint, the comparison that breaks it, and what it asks for. */
const bounds = [
  ['minimum', '<', 'at least'],
  ['maximum', '>', 'at most'],
  ['exclusiveMinimum', '<=', 'above'],
  ['exclusiveMaximum', '>=', 'below'],
] as const;
const lengths = [
  ['minLength', '<', 'at least'],
  ['maxLength', '>', 'at most'],
] as const;

function constraintsOf({ name, type, constraints = {} }: FieldConfig, location: Location): Expectation[] {
  const at = (key: string): Location => ({ ...location, path: `${location.path}.${key}` });
  const column = sqlIdentifier(name);
  const { required, unique, enum: allowed, pattern } = constraints;
  const rows = (check: CheckName, broken: string, holds: string): Expectation => ({
    kind: 'rows',
    check,
    column: name,
    broken,
    holds,
  });
  return [
    ...(required === true ? [missingValues('required', name)] : []),
    ...bounds.flatMap(([key, operator, words]) => {
      const limit = constraints[key];
      if (limit === undefined) return [];
      return [rows(key, `${column} ${operator} ${bound(type, limit, at(key))}`, `is ${words} ${limit}`)];
    }),
    ...lengths.flatMap(([key, operator, words]) => {
      const limit = constraints[key];
      if (limit === undefined) return [];
      if (type !== 'string') throw unfit(at(key), `a length needs a string field, this one is ${type}`);
      return [rows(key, `length(${column}) ${operator} ${limit}`, `has ${words} ${limit} characters`)];
    }),
    ...(allowed === undefined
      ? []
      : [rows('enum', `${column} NOT IN (${enumValues(type, allowed, at('enum'))})`, 'is one of the enum')]),
    ...(pattern === undefined ? [] : [patternExpectation(name, type, pattern, at('pattern'))]),
    ...(unique === true ? [{ kind: 'unique', check: 'unique', columns: [name] } as const] : []),
  ];
}

function bound(type: ColumnType, value: string | number, location: Location): string {
  switch (type) {
    case 'integer':
    case 'number':
      return numberLiteral(value, location);
    case 'date':
    case 'datetime':
      if (typeof value === 'string' && !Number.isNaN(Date.parse(value))) {
        return `CAST(${sqlString(value)} AS ${storedTypes[type]})`;
      }
      throw unfit(location, `${JSON.stringify(value)} is no ${type}, such as "2001-01-31"`);
    case 'string':
      if (typeof value === 'string') return sqlString(value);
      throw unfit(location, `the field is a string, so the bound must be one too`);
    case 'boolean':
      throw unfit(location, 'a boolean has no least or greatest value');
  }
}

function enumValues(
  type: ColumnType,
  values: readonly (string | number | boolean)[],
  location: Location,
): string {
  if (values.length === 0) throw unfit(location, 'an empty enum allows nothing');
  return values
    .map((value) => {
      if (type === 'integer' || type === 'number') return numberLiteral(value, location);
      if (type === 'boolean') {
        if (typeof value === 'boolean') return String(value);
      } else if (typeof value === 'string') {
        return type === 'string' ? sqlString(value) : bound(type, value, location);
      }
      throw unfit(location, `${JSON.stringify(value)} is no ${type}`);
    })
    .join(', ');
}

function numberLiteral(value: string | number | boolean, location: Location): string {
  if (typeof value === 'number') return sqlLiteral(value);
  throw unfit(location, `${JSON.stringify(value)} is no number`);
}

function patternExpectation(
  name: string,
  type: ColumnType,
  pattern: string,
  location: Location,
): Expectation {
  if (type !== 'string') throw unfit(location, `a pattern needs a string field, this one is ${type}`);
  return {
    kind: 'rows',
    check: 'pattern',
    column: name,
    broken: `NOT regexp_full_match(${sqlIdentifier(name)}, ${sqlString(pattern)})`,
    holds: `matches ${pattern}`,
  };
}

function unfit(location: Location, what: string): MlopsError {
  return new MlopsError('MLOPS_CONFIG_INVALID', `${what}.`, location);
}
