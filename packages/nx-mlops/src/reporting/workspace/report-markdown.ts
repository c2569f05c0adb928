import { formatDuration, plural } from '../format';
import { codeText, plainText } from './comment-text';
import { modelDetails } from './model-details';
import type { ModelReport } from './model-report';
import { summaryTable } from './summary-table';
import { modelVerdicts, verdictOf, verdictSigns, type ModelVerdict } from './verdict';
import type { WorkspaceReport } from './workspace-report';

/** Kept free for the note on what was cut. */
const NOTE = 300;

/**
 * The report as GitHub-flavoured Markdown: a heading with the verdict over all, a row a model, then each model folded. The
 * worst models come first.
 *
 * @param limit most characters. Details are left out whole from the end, then whole rows, and that is said
 */
export function reportMarkdown(report: WorkspaceReport, limit = Number.POSITIVE_INFINITY): string {
  const models = inOrderOfConcern(report.models);
  const head = headLines(models, report);
  const shown = rowsThatFit(models, limit - lengthOf(head) - NOTE);
  const lines = [...head, ...summaryTable(models.slice(0, shown)), ''];
  const cutRows = models.length - shown;
  if (cutRows > 0) lines.push(`… and ${plural(cutRows, 'more model')}, none of them worse than these.`, '');

  let length = lengthOf(lines);
  let details = 0;
  if (cutRows === 0) {
    for (const model of models) {
      const next = modelDetails(model, report);
      length += lengthOf(next);
      if (length > limit - NOTE) break;
      lines.push(...next);
      details++;
    }
  }
  if (details < models.length) lines.push(cutNote(models.length - details, report), '');
  return lines.join('\n');
}

/** For a comment that told of models which the pull request no longer reaches. */
export function noModelMarkdown({
  runUrl,
  commit,
  slot,
}: Pick<WorkspaceReport, 'runUrl' | 'commit' | 'slot'>): string {
  return [
    `## ➖ No model is affected any more${slotText(slot)}`,
    '',
    'What this comment told of before was of an earlier state of the branch.',
    '',
    ...factsLine([...originOf({ runUrl, commit })]),
  ].join('\n');
}

/** `1 of 3 models does not pass its gates`, with its sign; the heading, and what the terminal says. */
export function overallSentence(models: readonly ModelReport[]): string {
  const verdicts = models.map(verdictOf);
  const count = (...which: readonly ModelVerdict[]) =>
    verdicts.filter((verdict) => which.includes(verdict)).length;
  const all = models.length;
  const some = (number: number, one: string, several: string) =>
    `${all === 1 ? 'the model' : `${number} of ${all} models`} ${number === 1 ? one : several}`;
  const worst = modelVerdicts.find((verdict) => count(verdict) > 0) ?? 'pass';
  const sign = verdictSigns[worst];
  const notJudged = count('not-judged');
  const sentence = ((): string => {
    switch (worst) {
      case 'fail':
        return `${some(count('fail'), 'does not pass its gates', 'do not pass their gates')}${notJudged === 0 ? '' : `, ${notJudged} not judged`}`;
      case 'not-judged':
        return some(notJudged, 'was not judged', 'were not judged');
      case 'inconclusive':
        return `no gate blocks; ${some(count('inconclusive'), 'is undecided', 'are undecided')}`;
      case 'warn':
        return `no gate blocks; ${some(count('warn'), 'has warnings', 'have warnings')}`;
      case 'pass':
        if (all === 1) return 'the model passes its gates';
        return count('pass') === all
          ? `all ${all} models pass`
          : `${count('pass')} of ${all} models pass, ${count('no-gates')} without gates`;
      case 'no-gates':
        return all === 1 ? 'the model has no gates' : `none of ${all} models has gates`;
    }
  })();
  return `${sign} ${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`;
}

function headLines(models: readonly ModelReport[], report: WorkspaceReport): string[] {
  const saved = models.flatMap(({ time }) => time.saved ?? []).reduce((sum, seconds) => sum + seconds, 0);
  return [
    `## ${overallSentence(models)}${slotText(report.slot)}`,
    '',
    ...factsLine([
      ...(report.run === undefined ? [] : [`the run took ${formatDuration(report.run.duration)}`]),
      ...(saved === 0 ? [] : [`the cache saved ${formatDuration(saved)} of training`]),
      ...originOf(report),
    ]),
  ];
}

function originOf({ runUrl, commit }: Pick<WorkspaceReport, 'runUrl' | 'commit'>): string[] {
  return [
    ...(commit === undefined ? [] : [`commit ${codeText(commit.slice(0, 9))}`]),
    ...(runUrl === undefined ? [] : [`[CI run](${linkTarget(runUrl)})`]),
  ];
}

function factsLine(facts: readonly string[]): string[] {
  const line = facts.join(' · ');
  return line === '' ? [] : [`${line.charAt(0).toUpperCase()}${line.slice(1)}`, ''];
}

function slotText(slot: string | undefined): string {
  return slot === undefined ? '' : ` · ${plainText(slot, 60)}`;
}

/** What could end the link is percent-encoded; a run's page has none of it. */
function linkTarget(url: string): string {
  return new URL(url).href.replace(/[()<>[\]\\`|*_~]/g, (character) =>
    character === '_' || character === '~' || character === '*'
      ? character
      : `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function inOrderOfConcern(models: readonly ModelReport[]): ModelReport[] {
  const concern = (model: ModelReport) => modelVerdicts.indexOf(verdictOf(model));
  return [...models].sort((a, b) => concern(a) - concern(b) || (a.project.name < b.project.name ? -1 : 1));
}

function rowsThatFit(models: readonly ModelReport[], room: number): number {
  if (lengthOf(summaryTable(models)) <= room) return models.length;
  let length = lengthOf(summaryTable([])) + 100;
  let fitting = 0;
  for (const model of models) {
    length += lengthOf(summaryTable([model]).slice(2));
    if (length > room) break;
    fitting++;
  }
  return fitting;
}

function cutNote(count: number, { runUrl }: WorkspaceReport): string {
  const where =
    runUrl === undefined
      ? 'the whole report is in the file that the command wrote'
      : `the [CI run](${linkTarget(runUrl)}) has the whole report`;
  return `*The details of ${plural(count, 'model')} had no room here; ${where}.*`;
}

/** With the line ends that joining adds. */
function lengthOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}
