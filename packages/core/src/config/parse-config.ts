import { parse, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { z } from 'zod';
import { MlopsError } from '../errors/mlops-error';
import { suggestion } from '../errors/nearest';

/**
 * Reads a config file's text: JSON with comments, then the schema.
 *
 * @param text the file's content
 * @param file named in errors; relative to the workspace reads best
 * @throws MlopsError MLOPS_CONFIG_SYNTAX when it is no JSON (line and column), MLOPS_CONFIG_INVALID with every
 *   violation: its path, what was expected, and for an unknown key or name the nearest valid one
 */
export function parseConfig<Schema extends z.ZodType>(
  text: string,
  schema: Schema,
  file: string,
): z.output<Schema> {
  const syntaxErrors: ParseError[] = [];
  const value: unknown = parse(text, syntaxErrors, { allowTrailingComma: true });
  const first = syntaxErrors[0];
  if (first !== undefined) {
    const before = text.slice(0, first.offset).split('\n');
    throw new MlopsError(
      'MLOPS_CONFIG_SYNTAX',
      `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: ${printParseErrorCode(first.error)}. The file must be JSON; comments and trailing commas are allowed.`,
      { file },
    );
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap((issue) => describeIssue(issue, schema, value));
  throw new MlopsError('MLOPS_CONFIG_INVALID', problems.join(' '), { file });
}

/** `a.b[1].c` */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`,
    )
    .join('');
}

function describeIssue(issue: z.core.$ZodIssue, schema: z.ZodType, value: unknown): string[] {
  const at = (path: readonly PropertyKey[], sentence: string) =>
    `${formatPath(path) || '(root)'}: ${sentence}`;
  switch (issue.code) {
    case 'unrecognized_keys': {
      const valid = keysAt(schema, issue.path);
      return issue.keys.map((key) => at([...issue.path, key], `unknown key.${suggestion(key, valid)}`));
    }
    case 'invalid_value': {
      const got = valueAt(value, issue.path);
      const valid = issue.values.map(String);
      return [
        at(
          issue.path,
          got === undefined
            ? `is missing.${suggestion('', valid)}`
            : `${JSON.stringify(got)} is not valid.${suggestion(String(got), valid)}`,
        ),
      ];
    }
    case 'invalid_type':
      return [
        at(
          issue.path,
          valueAt(value, issue.path) === undefined
            ? `is missing (${issue.expected}).`
            : `must be of type ${issue.expected}.`,
        ),
      ];
    case 'invalid_union': {
      // The branch with the fewest complaints is the one that was meant, but no branch of another type.
      const isOfType = (errors: readonly z.core.$ZodIssue[]) =>
        !errors.some(({ code, path }) => code === 'invalid_type' && path.length === 0);
      const branches = [...issue.errors].sort(
        (a, b) => Number(isOfType(b)) - Number(isOfType(a)) || a.length - b.length,
      );
      const meant = branches[0];
      if (meant === undefined || meant.length === 0) return [at(issue.path, `${issue.message}.`)];
      return meant.flatMap((inner) =>
        describeIssue({ ...inner, path: [...issue.path, ...inner.path] }, schema, value),
      );
    }
    default:
      return [at(issue.path, /[.?]$/.test(issue.message) ? issue.message : `${issue.message}.`)];
  }
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (current, key) =>
      current !== null && typeof current === 'object'
        ? (current as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );
}

/** Keys that the schema knows at a path; of a union, those of all its branches. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let nodes: z.core.$ZodType[] = unwrap(schema);
  for (const part of path) nodes = nodes.flatMap((node) => childrenAt(node, part));
  return nodes.flatMap((node) => (node instanceof z.ZodObject ? Object.keys(node.shape) : []));
}

function childrenAt(node: z.core.$ZodType, part: PropertyKey): z.core.$ZodType[] {
  if (node instanceof z.ZodObject) {
    const child = (node.shape as Record<PropertyKey, z.core.$ZodType | undefined>)[part];
    return child === undefined ? [] : unwrap(child);
  }
  if (node instanceof z.ZodArray) return unwrap(node.element);
  if (node instanceof z.ZodRecord) return unwrap(node.valueType);
  return [];
}

function unwrap(node: z.core.$ZodType): z.core.$ZodType[] {
  if (node instanceof z.ZodOptional || node instanceof z.ZodDefault || node instanceof z.ZodPrefault) {
    return unwrap(node.def.innerType);
  }
  if (node instanceof z.ZodUnion) return node.options.flatMap(unwrap);
  return [node];
}
