export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ParsedFamily {
  readonly name: string;
  readonly type?: string;
  readonly unit?: string;
  readonly help?: string;
  readonly samples: readonly ParsedSample[];
}

const metricName = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const labelName = '[a-zA-Z_][a-zA-Z0-9_]*';
const escapedString = '(?:[^\\n"\\\\]|\\\\[n"\\\\])*';
const label = `${labelName}="${escapedString}"`;
const number = '[-+]?\\d+(?:\\.\\d*)?(?:[eE][-+]?\\d+)?|[-+]?\\.\\d+(?:[eE][-+]?\\d+)?';

/**
 * Reads OpenMetrics text and is strict about it: the grammar of gauges, one family in one piece with its descriptors
 * first and each once, a unit that the name ends with, no label and no series twice, `# EOF` last.
 *
 * Source: OpenMetrics 1.0, ABNF and the rules of MetricFamily, gauge and UNIT.
 * @throws Error that shows the line
 */
export function parseOpenMetrics(text: string): ParsedFamily[] {
  if (/\p{Surrogate}/u.test(text)) throw new Error('A lone surrogate, which UTF-8 cannot hold');
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.pop() !== '# EOF')
    throw new Error('Does not end with # EOF and a line feed');
  const families: { name: string; type?: string; unit?: string; help?: string; samples: ParsedSample[] }[] =
    [];
  const series = new Set<string>();
  for (const line of lines) {
    const descriptor = new RegExp(`^# (TYPE|UNIT|HELP) (${metricName}) (.*)$`, 's').exec(line);
    const last = families[families.length - 1];
    if (descriptor !== null) {
      const [, kind, name, value] = descriptor as unknown as [
        string,
        'TYPE' | 'UNIT' | 'HELP',
        string,
        string,
      ];
      const family = last?.name === name ? last : { name, samples: [] };
      if (family !== last) {
        if (families.some((other) => other.name === name)) throw new Error(`In two pieces: ${name}`);
        families.push(family);
      }
      if (family.samples.length > 0) throw new Error(`After samples: ${line}`);
      const key = kind.toLowerCase() as 'type' | 'unit' | 'help';
      if (family[key] !== undefined) throw new Error(`Twice: ${line}`);
      if (kind === 'HELP' && !new RegExp(`^${escapedString}$`).test(value))
        throw new Error(`Bad help: ${line}`);
      if (kind === 'TYPE' && value !== 'gauge') throw new Error(`Not a gauge: ${line}`);
      if (kind === 'UNIT' && !(/^[a-z0-9_:]+$/.test(value) && name.endsWith(`_${value}`))) {
        throw new Error(`Bad unit: ${line}`);
      }
      family[key] = value;
      continue;
    }
    const sample = new RegExp(`^(${metricName})(?:\\{((?:${label}(?:,${label})*)?)\\})? (${number})$`).exec(
      line,
    );
    if (sample === null) throw new Error(`Not OpenMetrics: ${line}`);
    const [, name = '', pairs = '', value] = sample;
    if (last?.name !== name) throw new Error(`Not within its family: ${line}`);
    const labels: Record<string, string> = {};
    for (const [, key = '', quoted = ''] of pairs.matchAll(
      new RegExp(`(${labelName})="(${escapedString})"`, 'g'),
    )) {
      if (Object.hasOwn(labels, key)) throw new Error(`Twice the label ${key}: ${line}`);
      labels[key] = quoted.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
    }
    const identity = JSON.stringify([name, Object.entries(labels).sort()]);
    if (series.has(identity)) throw new Error(`Twice the series: ${line}`);
    series.add(identity);
    last.samples.push({ name, labels, value: Number(value) });
  }
  return families;
}
