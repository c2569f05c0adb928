import { visibleText } from '../html/escape';

/** A gauge: a figure for each set of labels. */
export interface GaugeFamily {
  /** Letters, digits and `_`, not beginning with a digit; ends with `_` and the unit where there is one. */
  readonly name: string;
  readonly help: string;
  readonly unit?: string;
  readonly samples: readonly GaugeSample[];
}

export interface GaugeSample {
  /** Names as those of families. */
  readonly labels: Readonly<Record<string, string>>;
  /** Finite. */
  readonly value: number;
}

/**
 * Gauges as OpenMetrics text, which GitLab, Prometheus and others read. Without a moment, so that equal figures are equal
 * bytes. Families without samples are left out.
 *
 * Source: OpenMetrics 1.0, specification, ABNF of the text format.
 */
export function openMetricsText(families: readonly GaugeFamily[]): string {
  return [
    ...families
      .filter(({ samples }) => samples.length > 0)
      .flatMap(({ name, help, unit, samples }) => [
        `# TYPE ${name} gauge`,
        ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
        `# HELP ${name} ${escapeText(help)}`,
        ...samples.map(({ labels, value }) => `${name}${labelsText(labels)} ${value}`),
      ]),
    '# EOF',
    '',
  ].join('\n');
}

function labelsText(labels: GaugeSample['labels']): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeText(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeText(text: string): string {
  return visibleText(text).replace(/\\/g, '\\\\').replace(/"/g, '\\"');
}
