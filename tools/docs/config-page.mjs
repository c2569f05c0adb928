import { keysOf } from './json-schema.mjs';
import { code, fence, page, table } from './markdown.mjs';

/**
 * The page of a config file.
 *
 * @param {string} file its name, such as `model.config.json`
 * @param {object} schema its JSON Schema
 * @param {string} source where the schema is written, relative to the repository
 * @param {string} example a whole config that the schema accepts
 * @param {string[]} more further parts
 */
export function configPage(file, schema, source, example, more = []) {
  return page(file, source, [
    schema.description ?? '',
    'JSON; comments and trailing commas are allowed. An unknown key is an error that names the nearest valid one.',
    fence('jsonc', example),
    '## Keys',
    table(
      ['key', 'type', 'default', 'meaning'],
      keysOf(schema).map(({ key, type, required, default: value, description }) => [
        code(key),
        type,
        required ? 'required' : value,
        description,
      ]),
    ),
    ...more,
  ]);
}

/** The metrics that a model config may name. */
export function metricsTable(definitions) {
  return table(
    ['metric', 'tasks', 'better', 'by default', 'meaning'],
    Object.entries(definitions).map(([name, { tasks, direction, default: byDefault, description }]) => [
      code(name),
      tasks.join(', '),
      direction,
      byDefault ? 'yes' : '',
      description,
    ]),
  );
}
