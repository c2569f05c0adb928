import type { GateReport, GateResult } from '@nx-mlops/core';
import {
  concernOf,
  concernSigns,
  countsSentence,
  effectNote,
  gateHeadline,
  gateSign,
  gatesByConcern,
  verdictWord,
} from '../evaluation/gate-summary';
import { formatMetric } from '../evaluation/compared-metrics';
import { plural } from '../format';
import { cutText } from '../html/escape';
import { escapeMarkdown, markdownTable } from '../table';
import { annotation, type AnnotationLevel } from './workflow-command';

/** GitHub shows ten annotations of a level for each step and drops the rest unsaid. */
const SHOWN_ANNOTATIONS = 10;
/** GitHub refuses the whole summary of a step above this. */
const SUMMARY_BYTES = 1024 * 1024;

export interface Announcement {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly print: (line: string) => void;
  readonly appendFile: (file: string, text: string) => Promise<void>;
  /** Bytes of a file, so that the models of one step do not overfill its summary together; 0 when it cannot be told. */
  readonly fileSize?: (file: string) => Promise<number>;
  /** For the summary, in place of the table of gates. */
  readonly markdown?: string;
}

/**
 * Tells GitHub Actions what came of the gates: an annotation for each that does not hold, and a section of the job
 * summary. Does nothing elsewhere, and never fails: a summary that cannot be written is told of in a line.
 */
export async function announceGate(report: GateReport, announcement: Announcement): Promise<void> {
  const { env, print, markdown } = announcement;
  if (env['GITHUB_ACTIONS'] !== 'true') return;
  for (const line of annotations(report)) print(line);
  const file = env['GITHUB_STEP_SUMMARY'];
  if (file === undefined || file === '') return;
  try {
    await appendSummary(file, markdown ?? gateSummary(report), announcement);
  } catch (error) {
    print(`The job summary was not written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function annotations(report: GateReport): string[] {
  const levels: readonly [AnnotationLevel, GateResult[]][] = [
    ['error', withConcern(report, 'fail')],
    ['warning', withConcern(report, 'warn')],
    ['notice', withConcern(report, 'info')],
  ];
  return levels.flatMap(([level, gates]) => {
    // The last one of a level that is too long tells how many are left out.
    const shown = gates.length > SHOWN_ANNOTATIONS ? gates.slice(0, SHOWN_ANNOTATIONS - 1) : gates;
    return [
      ...shown.map((gate) =>
        annotation(
          level,
          cutText(`${report.model}: ${gate.name}`),
          cutText(`${verdictWord(gate)}${effectNote(gate)}. ${gate.because}`, 2000),
        ),
      ),
      ...(shown.length < gates.length
        ? [
            annotation(
              level,
              cutText(report.model),
              `${plural(gates.length - shown.length, 'more gate')} that did not hold: see the report.`,
            ),
          ]
        : []),
    ];
  });
}

function withConcern({ gates }: GateReport, concern: 'fail' | 'warn' | 'info'): GateResult[] {
  return gatesByConcern(gates).filter((gate) => concernOf(gate) === concern);
}

/** The gates in short, for a summary of many models. */
export function gateSummary(report: GateReport): string {
  return [
    `## ${gateSign(report)} ${escapeMarkdown(cutText(report.model))}: ${gateHeadline(report).toLowerCase()}`,
    '',
    countsSentence(report),
    '',
    ...(report.gates.length === 0
      ? []
      : markdownTable({
          header: ['', 'gate', 'value', 'because'],
          rows: gatesByConcern(report.gates).map((gate) => [
            `${concernSigns[concernOf(gate)]} ${verdictWord(gate)}${effectNote(gate)}`,
            cutText(gate.name),
            formatMetric(gate.metric, gate.value),
            cutText(gate.because, 400),
          ]),
          alignment: ['left', 'left', 'right'],
        })),
    '',
  ].join('\n');
}

async function appendSummary(
  file: string,
  markdown: string,
  { appendFile, fileSize }: Announcement,
): Promise<void> {
  const used = fileSize === undefined ? 0 : await fileSize(file).catch(() => 0);
  const text = cutToBytes(`${markdown}\n`, SUMMARY_BYTES - used);
  if (text !== '') await appendFile(file, text);
}

const CUT_NOTE = '\n\n… The rest is left out: GitHub shows 1 MiB of a summary. It is in the report.\n';

/** Cut at the end of a line, so that no character, link or row of a table is parted. Empty when there is no room. */
function cutToBytes(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  const room = bytes - Buffer.byteLength(CUT_NOTE);
  if (room <= 0) return '';
  const cut = Buffer.from(text).subarray(0, room).toString('utf8');
  return `${cut.slice(0, Math.max(0, cut.lastIndexOf('\n')))}${CUT_NOTE}`;
}
