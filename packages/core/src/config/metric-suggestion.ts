import { nearestName, suggestion } from '../errors/nearest';
import { metricDefinitions, metricsOfTask, parseMetric, type MetricDefinition, type Task } from './metrics';

/**
 * For a name that is no metric of a task: the one that was most likely meant, with the cutoff that was asked for where it
 * takes one ("ndgc@5" means "ndcg@5", "ndcg" means "ndcg@10"); else the list of them.
 *
 * @param others names that would do as well, such as custom metrics
 * @returns as `suggestion`
 */
export function metricSuggestion(name: string, task: Task, others: readonly string[] = []): string {
  const [word = name, cutoff] = name.split('@');
  const own = Object.entries<MetricDefinition>(metricDefinitions)
    .filter(([, { tasks }]) => tasks.includes(task))
    .map(([base, { written = base, cutoff: usual }]) => ({ written, usual }));
  const words = own.map(({ written }) => written);
  // Who gave a cutoff means a metric that has one, if any is called so: "accuracy@5" is "top-k-accuracy@5".
  const withCutoff = own.filter(({ usual }) => usual !== undefined).map(({ written }) => written);
  const meant =
    (cutoff === undefined ? undefined : withCutoff.find((each) => `-${each}-`.includes(`-${word}-`))) ??
    words.find((each) => each === word) ??
    nearestName(word, [...words, ...others]);
  const found = own.find(({ written }) => written === meant);
  if (found?.usual === undefined) return suggestion(meant ?? name, [...metricsOfTask(task), ...others]);
  const asked = `${found.written}@${cutoff}`;
  const full = parseMetric(asked) === undefined ? `${found.written}@${found.usual}` : asked;
  return ` Did you mean "${full}"?`;
}
