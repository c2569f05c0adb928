import { MlopsError, fileNameOfProject, foldEvents, type RegistryEvent } from '@nx-mlops/core';
import { formatMoment } from '../reporting/format';
import { textTable } from '../reporting/table';
import { environmentNamed } from './environments';
import type { RolloutRequest } from './rollout-request';

export interface HistoryRequest extends Pick<RolloutRequest, 'project' | 'mlops' | 'registry' | 'print'> {
  /** Only this environment; all when left out. */
  readonly environment?: string;
  /** Only up to this moment: a date, or a date and time, UTC unless it says otherwise. */
  readonly at?: string;
  /** The events as JSON instead of a table. */
  readonly json?: boolean;
}

/**
 * What happened to a model, oldest first, and what each environment serves now, or served at a moment.
 *
 * @throws MlopsError MLOPS_UNKNOWN_ENVIRONMENT; MLOPS_TIME when `at` is no time; MLOPS_REGISTRY_TAMPERED
 */
export async function showHistory(request: HistoryRequest): Promise<RegistryEvent[]> {
  const { project, mlops, registry, print } = request;
  const environment =
    request.environment === undefined ? undefined : environmentNamed(mlops, request.environment);
  const until = request.at === undefined ? undefined : momentOf(request.at);
  const model = fileNameOfProject(project.name);
  const all = (await registry.events(model)).filter(
    ({ at }) => until === undefined || Date.parse(at) <= until,
  );
  const events = all.filter(
    (event) => environment === undefined || !('environment' in event) || event.environment === environment,
  );
  if (request.json === true) {
    print(JSON.stringify(events, null, 2));
    return events;
  }
  if (events.length === 0) {
    print(
      `${project.name} has no history${request.at === undefined ? '' : ` up to ${request.at}`} in ${registry.description}. nx run ${project.name}:deploy begins one.`,
    );
    return events;
  }
  for (const line of historyTable(events)) print(line);
  print('');
  const serving = [...foldEvents(model, all).deployments.values()].filter(
    (deployment) => environment === undefined || deployment.environment === environment,
  );
  const moment = request.at === undefined ? 'serves' : `served at ${request.at}`;
  if (serving.length === 0) print(`Nothing ${moment}.`);
  for (const { environment: name, version, since } of serving) {
    print(`${name} ${moment} version ${version}, since ${formatMoment(since)}`);
  }
  return events;
}

/** A row an event: when, what, environment, version, who, why, and what was seen. */
export function historyTable(events: readonly RegistryEvent[]): string[] {
  return textTable({
    header: ['when (UTC)', 'what', 'environment', 'version', 'who', 'why', 'evidence'],
    rows: events.map((event) => [
      formatMoment(event.at),
      whatOf(event),
      'environment' in event ? event.environment : '',
      versionOf(event, events),
      event.actor,
      inOneLine(event.reason),
      inOneLine('evidence' in event ? event.evidence?.summary : undefined),
    ]),
  });
}

function whatOf(event: RegistryEvent): string {
  switch (event.type) {
    case 'promoted':
      return `promoted from ${event.from}`;
    case 'rolled-back':
      return event.forced === true ? 'rolled back (forced)' : 'rolled back';
    case 'rollout-started':
      return `${event.plan.strategy} rollout started${event.from === undefined ? '' : ` from ${event.from}`}`;
    case 'rollout-approved':
      return 'rollout approved';
    case 'rollout-held':
      return `rollout held at step ${event.step + 1}`;
    case 'rollout-advanced':
      return `rollout at step ${event.step + 1}`;
    case 'rollout-observed':
      return 'rollout ended, observed only';
    case 'rollout-completed':
      return 'rollout completed';
    case 'rollout-aborted':
      return `rollout aborted (${event.cause})`;
    case 'registered':
    case 'deployed':
    case 'released':
    case 'pruned':
      return event.type;
  }
}

/** The version that an event is about; events within a rollout are about its candidate. */
function versionOf(event: RegistryEvent, events: readonly RegistryEvent[]): string {
  if ('version' in event) return String(event.version);
  if ('rollout' in event) {
    const start = events.find((each) => each.type === 'rollout-started' && each.rollout === event.rollout);
    return start !== undefined && 'version' in start ? String(start.version) : '';
  }
  return event.digest.slice(0, 12);
}

function inOneLine(text: string | undefined): string {
  return (text ?? '').replace(/\s+/g, ' ');
}

/** Milliseconds since 1970. A day alone means its end, so that `--at 2026-11-05` holds what happened on it. */
function momentOf(text: string): number {
  const trimmed = text.trim();
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(trimmed);
  const hasZone = /(Z|[+-]\d{2}:?\d{2})$/i.test(trimmed);
  const moment = Date.parse(
    isDay ? `${trimmed}T23:59:59.999Z` : `${trimmed.replace(' ', 'T')}${hasZone ? '' : 'Z'}`,
  );
  if (!Number.isNaN(moment)) return moment;
  throw new MlopsError(
    'MLOPS_TIME',
    `"${text}" is no time. Write it as 2026-11-05, or 2026-11-05T12:30, in UTC.`,
    { path: '--at' },
  );
}
