import { code } from './markdown.mjs';

/**
 * One key of a JSON Schema, for a row of a table.
 *
 * @typedef {{ key: string, type: string, presence: 'required' | 'optional' | 'either', default: string,
 *   description: string }} SchemaKey `either`: of the keys that are so marked, one form or the other
 */

/**
 * The keys of a schema at every depth, in the order of the schema: `training.seed`, `evaluation.gates[].metric`,
 * `splits.<name>.where`. `$schema` is left out: editors need it, readers do not.
 *
 * @returns {SchemaKey[]}
 */
export function keysOf(schema, prefix = '') {
  return Object.entries(schema.properties ?? {})
    .filter(([name]) => name !== '$schema')
    .flatMap(([name, value]) => {
      const key = `${prefix}${name}`;
      return [
        {
          key,
          type: typeOf(value),
          presence: schema.required?.includes(name) ? 'required' : 'optional',
          default: value.default === undefined ? '' : code(JSON.stringify(value.default)),
          description: value.description ?? '',
        },
        ...keysBelow(value, key),
      ];
    });
}

function keysBelow(schema, key) {
  if (schema.anyOf !== undefined) {
    return schema.anyOf
      .flatMap((branch) => keysBelow(branch, key))
      .map((row) => (row.presence === 'required' ? { ...row, presence: 'either' } : row));
  }
  if (schema.items !== undefined) return keysBelow(schema.items, `${key}[]`);
  if (isByName(schema)) return keysBelow(schema.additionalProperties, `${key}.<name>`);
  return keysOf(schema, `${key}.`);
}

/** A schema's type in words, with its range or its values. */
export function typeOf(schema) {
  if (schema.$ref !== undefined) return 'JSON';
  if (schema.enum !== undefined) return schema.enum.map((value) => code(JSON.stringify(value))).join(', ');
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeOf))].join(' or ');
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type })).join(' or ');
  switch (schema.type) {
    case 'array':
      return schema.items?.enum === undefined
        ? `list of ${typeOf(schema.items ?? {})}`
        : `list of: ${typeOf(schema.items)}`;
    case 'object':
      return isByName(schema) ? `${typeOf(schema.additionalProperties)}, by name` : 'object';
    case 'integer':
    case 'number':
      return `${schema.type}${range(schema)}`;
    case undefined:
      return 'JSON';
    default:
      return schema.type;
  }
}

function isByName({ type, additionalProperties }) {
  return type === 'object' && typeof additionalProperties === 'object';
}

function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }) {
  // The safe integers are the limits of every integer, so they say nothing.
  const told = (limit) => limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER;
  const limits = [
    told(minimum) ? `≥ ${minimum}` : undefined,
    told(exclusiveMinimum) ? `> ${exclusiveMinimum}` : undefined,
    told(maximum) ? `≤ ${maximum}` : undefined,
    told(exclusiveMaximum) ? `< ${exclusiveMaximum}` : undefined,
  ].filter((limit) => limit !== undefined);
  return limits.length === 0 ? '' : ` ${limits.join(' and ')}`;
}
