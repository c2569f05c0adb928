import { keysOf } from './json-schema.mjs';
import { code, defaultCell, fence, page, prose, table } from './markdown.mjs';

/**
 * The page of an executor or a generator.
 *
 * @param {'executor' | 'generator'} kind
 * @param {string} name as in executors.json or generators.json
 * @param {object} entry its entry there
 * @param {object} schema its schema.json
 * @param {string} source path of schema.json, relative to the repository
 */
export function targetPage(kind, name, entry, schema, source) {
  const description = schema.description ?? entry.description ?? '';
  return page(`nx-mlops:${name}`, source, [
    prose(description),
    entry.aliases === undefined ? undefined : `Also called ${entry.aliases.map(code).join(', ')}.`,
    fence('sh', kind === 'executor' ? `nx run <project>:${name}` : generatorCall(name, schema)),
    '## Options',
    options(schema),
    ...examples(schema),
  ]);
}

function generatorCall(name, schema) {
  const positional = positionals(schema).map((option) => ` <${option}>`);
  return `nx g nx-mlops:${name}${positional.join('')}`;
}

/** Options that may be given without their name, in order. */
function positionals({ properties = {} }) {
  return Object.entries(properties)
    .filter(([, { $default }]) => $default?.$source === 'argv')
    .sort(([, a], [, b]) => a.$default.index - b.$default.index)
    .map(([name]) => name);
}

function options(schema) {
  const keys = keysOf(schema);
  if (keys.length === 0) return 'None.';
  return table(
    ['option', 'type', 'default', 'meaning'],
    keys.map((option) => [
      code(/[.[]/.test(option.key) ? option.key : `--${option.key}`),
      option.type,
      defaultCell(option),
      prose(option.description),
    ]),
  );
}

function examples({ examples: given = [] }) {
  if (given.length === 0) return [];
  return [
    '## Examples',
    ...given.flatMap(({ command, description }) => [prose(description ?? ''), fence('sh', command)]),
  ];
}
