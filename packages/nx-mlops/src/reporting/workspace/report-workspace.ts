import {
  layout,
  messageOf,
  MlopsError,
  writeAtomically,
  type MlopsConfig,
  type Registry,
} from '@nx-mlops/core';
import { readFile, rm } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { mapConcurrently } from '../../data/map-concurrently';
import { ciRun, parseGitHubEvent } from '../pull-request/ci-environment';
import { commentMarker } from '../pull-request/comment-marker';
import { writeJobSummary } from '../pull-request/job-summary';
import { publishReport } from '../pull-request/publish-report';
import { reportPlace, type PlaceOptions, type ReportPlace } from '../pull-request/report-place';
import type { RetryOptions } from '../pull-request/retry';
import type { ReportedProject } from './model-report';
import { readModelReport } from './read-model-report';
import { noModelMarkdown, overallSentence, reportMarkdown } from './report-markdown';
import { readRunInformation } from './run-information';
import { verdictOf } from './verdict';
import type { WorkspaceReport } from './workspace-report';

/** A baseline older than this many days is warned of. */
export const STALE_DAYS = 30;

/** Whether the comment must be written for the command to succeed; `off` writes none. */
export const commentModes = ['required', 'optional', 'off'] as const;
export type CommentMode = (typeof commentModes)[number];

export interface ReportRequest extends PlaceOptions {
  readonly workspaceRoot: string;
  /** All projects of the workspace by name. */
  readonly projects: ReadonlyMap<string, ReportedProject>;
  /** Names of the models to report. */
  readonly models: readonly string[];
  readonly mlops: MlopsConfig;
  readonly registry: Registry;
  /** `run.json` of Nx. */
  readonly runFile: string;
  /** Another file for the report, relative to the workspace or absolute. */
  readonly output?: string;
  readonly slot?: string;
  /** @default STALE_DAYS */
  readonly staleDays?: number;
  /** @default required */
  readonly comment?: CommentMode;
  /** Whether a model that is blocked or was not judged makes the answer `false`. */
  readonly failOnBlock?: boolean;
  readonly env: NodeJS.ProcessEnv;
  readonly now: Date;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
  /** For tests: shorter waits. */
  readonly retry?: Pick<RetryOptions, 'attempts' | 'firstWait' | 'longestWait'>;
}

/**
 * Gathers the models' results into one Markdown file, and upserts the one comment on the pull or merge request; where there
 * is none, the report goes to the job summary of GitHub Actions, else to standard output.
 *
 * Without a model nothing is written, but a comment of ours that is there is brought up to date.
 *
 * @returns false when `failOnBlock` and a model is blocked or was not judged
 * @throws MlopsError MLOPS_REPORT_REFUSED, MLOPS_REPORT_UPLOAD when a required comment could not be written;
 *   MLOPS_REPORT_PLACE, MLOPS_REPORT_SLOT for options that cannot be
 */
export async function reportWorkspace(request: ReportRequest): Promise<boolean> {
  const {
    workspaceRoot,
    models,
    env,
    print,
    slot,
    now,
    staleDays = STALE_DAYS,
    comment = 'required',
  } = request;
  // Refused before anything is read.
  commentMarker(slot);
  const event = parseGitHubEvent(await textOf(env['GITHUB_EVENT_PATH']));
  const place = reportPlace(env, event, request);
  const { url, commit } = ciRun(env, event);
  const origin = {
    ...(url === undefined ? {} : { runUrl: url }),
    ...(commit === undefined ? {} : { commit }),
    ...(slot === undefined ? {} : { slot }),
  };
  const file = join(workspaceRoot, layout.report, 'report.md');
  if (models.length === 0) {
    print('No model is affected: there is nothing to report.');
    // One of an earlier run would be taken for this one's.
    await rm(file, { force: true });
    if (comment !== 'off' && place.kind !== 'none') {
      await publish(request, place, () => noModelMarkdown(origin), { onlyExisting: true });
    }
    return true;
  }

  const run = await readRunInformation(request.runFile);
  const environments = request.mlops.environments.map(({ name }) => name);
  const report: WorkspaceReport = {
    models: await mapConcurrently(models, 8, (name) =>
      readModelReport(projectNamed(request.projects, name), { ...request, environments, run }),
    ),
    ...(run === undefined ? {} : { run }),
    ...origin,
    now,
    staleDays,
  };
  await writeReport(request, report, file);
  for (const line of verdictLines(report)) print(line);
  if (comment !== 'off') await deliver(request, report, place);
  const isBlocked = report.models.some((model) => ['fail', 'not-judged'].includes(verdictOf(model)));
  return !(request.failOnBlock === true && isBlocked);
}

async function writeReport(
  { workspaceRoot, output, print }: ReportRequest,
  report: WorkspaceReport,
  file: string,
) {
  const text = `${reportMarkdown(report).trimEnd()}\n`;
  await writeAtomically(file, text);
  const other = output === undefined ? undefined : resolve(workspaceRoot, output);
  if (other !== undefined && other !== file) await writeAtomically(other, text);
  print(`The report is in ${shownPath(workspaceRoot, other ?? file)}`);
}

function verdictLines({ models }: WorkspaceReport): string[] {
  return [
    overallSentence(models),
    ...models
      .filter((model) => ['fail', 'not-judged'].includes(verdictOf(model)))
      .map(({ project, judgement }) =>
        judgement.kind === 'not-judged'
          ? `  ${project.name} was not judged: ${judgement.because}`
          : `  ${project.name}: ${judgement.gates.gates
              .filter(({ effect }) => effect === 'block')
              .map(({ name }) => name)
              .join('; ')}`,
      ),
  ];
}

async function deliver(request: ReportRequest, report: WorkspaceReport, place: ReportPlace): Promise<void> {
  const render = (limit: number) => reportMarkdown(report, limit);
  if (place.kind === 'none') {
    const summary = request.env['GITHUB_STEP_SUMMARY'];
    const isWritten = summary !== undefined && summary !== '' && (await writeJobSummary(summary, render));
    request.print(
      isWritten
        ? `No comment: ${place.because}. The report is in the job's summary.`
        : `No comment: ${place.because}.`,
    );
    if (!isWritten) request.print(`\n${render(Number.POSITIVE_INFINITY)}`);
    return;
  }
  await publish(request, place, render);
}

/** A comment that may fail is said to have failed; readers of the job still get the report in its summary. */
async function publish(
  request: ReportRequest,
  place: Exclude<ReportPlace, { readonly kind: 'none' }>,
  render: (limit: number) => string,
  { onlyExisting = false } = {},
): Promise<void> {
  const { slot, signal, print, retry, env, comment } = request;
  try {
    await publishReport({
      place,
      render,
      onlyExisting,
      signal,
      print,
      ...(slot === undefined ? {} : { slot }),
      ...(retry === undefined ? {} : { retry }),
    });
  } catch (error) {
    const summary = env['GITHUB_STEP_SUMMARY'];
    if (
      !onlyExisting &&
      summary !== undefined &&
      summary !== '' &&
      (await writeJobSummary(summary, render))
    ) {
      print("The report is in the job's summary instead.");
    }
    if (comment !== 'optional') throw error;
    print(`No comment: ${error instanceof MlopsError ? `${error.code} ` : ''}${messageOf(error)}`);
  }
}

function projectNamed(projects: ReadonlyMap<string, ReportedProject>, name: string): ReportedProject {
  const project = projects.get(name);
  if (project === undefined) throw new TypeError(`the graph holds no project ${name}`);
  return project;
}

function shownPath(workspaceRoot: string, file: string): string {
  const path = relative(workspaceRoot, file).replaceAll('\\', '/');
  return path.startsWith('..') || isAbsolute(path) ? file : path;
}

async function textOf(file: string | undefined): Promise<string | undefined> {
  return file === undefined || file === '' ? undefined : readFile(file, 'utf8').catch(() => undefined);
}
