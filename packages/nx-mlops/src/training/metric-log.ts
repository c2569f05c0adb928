import { open } from 'node:fs/promises';
import { metricLineSchema, type MetricLine } from '@nx-mlops/core';

/** A line of `metrics.jsonl`, read. */
export interface LoggedStep {
  readonly step: number;
  readonly steps?: number;
  readonly rows?: number;
  /** The numeric keys that are metrics, in the order of the line. NaN and infinities are kept. */
  readonly metrics: Readonly<Record<string, number>>;
}

export type ParsedMetricLine =
  | { readonly kind: 'step'; readonly step: LoggedStep }
  | { readonly kind: 'broken'; readonly because: string };

/**
 * Reads one line of the log. Bare NaN and Infinity, which Python's json writes though JSON has none, are understood:
 * a loss that became NaN is exactly what a reader wants to hear of.
 */
export function parseMetricLine(line: string): ParsedMetricLine {
  let value: unknown;
  try {
    value = JSON.parse(quoteNonFinite(line));
  } catch {
    return { kind: 'broken', because: 'is no JSON' };
  }
  const result = metricLineSchema.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    return { kind: 'broken', because: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unknown form'}` };
  }
  return { kind: 'step', step: loggedStep(result.data) };
}

const nonFinite: Readonly<Record<string, number>> = { NaN: NaN, Infinity: Infinity, '-Infinity': -Infinity };

/** `{"loss": NaN}` → `{"loss": "NaN"}`; inside strings nothing changes. */
function quoteNonFinite(line: string): string {
  return line.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (token) =>
    token.startsWith('"') ? token : `"${token}"`,
  );
}

function loggedStep({ step, steps, rows, ...others }: MetricLine): LoggedStep {
  const metrics: Record<string, number> = {};
  for (const [name, value] of Object.entries(others)) {
    if (typeof value === 'number') metrics[name] = value;
    else if (typeof value === 'string' && value in nonFinite) metrics[name] = nonFinite[value] as number;
  }
  return { step, steps, rows, metrics };
}

/** All whole lines of a log, the broken ones counted. Blank lines do not count. */
export function parseMetricLog(text: string): { steps: LoggedStep[]; broken: number } {
  const steps: LoggedStep[] = [];
  let broken = 0;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const parsed = parseMetricLine(line);
    if (parsed.kind === 'step') steps.push(parsed.step);
    else broken++;
  }
  return { steps, broken };
}

/** Last value of each metric that is a finite number. */
export function finalMetrics(steps: readonly LoggedStep[]): Record<string, number> {
  const last: Record<string, number> = {};
  for (const { metrics } of steps) {
    for (const [name, value] of Object.entries(metrics)) if (Number.isFinite(value)) last[name] = value;
  }
  return last;
}

/**
 * Follows a growing file: each call gives the whole lines that came since the last one. A file that is not there yet
 * gives none; one that became shorter was begun anew and is read from its start.
 */
export function followLines(file: string): () => Promise<string[]> {
  let offset = 0;
  let rest = Buffer.alloc(0);
  return async () => {
    const handle = await open(file, 'r').catch(() => undefined);
    if (handle === undefined) return [];
    try {
      const { size } = await handle.stat();
      if (size < offset) {
        offset = 0;
        rest = Buffer.alloc(0);
      }
      const chunk = Buffer.alloc(size - offset);
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, offset);
      offset += bytesRead;
      // Cut at the byte of the line end, so that no character is split.
      const bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
      const end = bytes.lastIndexOf(0x0a);
      rest = bytes.subarray(end + 1);
      return end < 0 ? [] : bytes.subarray(0, end).toString('utf8').split('\n');
    } finally {
      await handle.close();
    }
  };
}
