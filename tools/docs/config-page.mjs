import { keysOf, typeOf } from './json-schema.mjs';
import { code, defaultCell, fence, page, prose, table } from './markdown.mjs';

/**
 * The page of a config file.
 *
 * @param {string} file its name, such as `model.config.json`
 * @param {object} schema its JSON Schema
 * @param {string} source where the schema is written, relative to the repository
 * @param {string} example a whole config that the schema accepts
 * @param {{ metrics?: object, gateMetrics?: object }} [more] the definitions of the metrics that this config may name,
 *   and of those that only its gates may
 */
export function configPage(file, schema, source, example, { metrics, gateMetrics } = {}) {
  // A list of all metrics in each row that takes one would hide the rest.
  const everyMetric = metrics === undefined ? undefined : typeOf({ enum: Object.keys(metrics) });
  const shortened = (type) =>
    everyMetric === undefined ? type : type.replace(everyMetric, '[metric](#metrics)');
  return page(file, source, [
    prose(schema.description ?? ''),
    'JSON; comments and trailing commas are allowed. An unknown key is an error that names the nearest valid one.',
    fence('jsonc', example),
    '## Keys',
    table(
      ['key', 'type', 'default', 'meaning'],
      keysOf(schema)
        .filter(isOwnRow)
        .map((key) => [code(key.key), shortened(key.type), defaultCell(key), prose(key.description)]),
    ),
    ...(metrics === undefined ? [] : ['## Metrics', metricsTable(metrics)]),
    ...(gateMetrics === undefined ? [] : ['## Metrics of gates alone', gateMetricsTable(gateMetrics)]),
  ]);
}

/** Each check takes its severity alone or among its parameters; a row for the second form would say nothing new. */
function isOwnRow({ key }) {
  return !/^validation\.checks\.\w+\.severity$/.test(key);
}

/** The metrics that a model config may name. */
function metricsTable(definitions) {
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

/** Of performance, and between groups. */
function gateMetricsTable(definitions) {
  return table(
    ['metric', 'better', 'meaning'],
    Object.entries(definitions).map(([name, { direction, description }]) => [
      code(name),
      direction,
      description,
    ]),
  );
}
