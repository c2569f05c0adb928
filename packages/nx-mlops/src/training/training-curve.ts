import { lineChart } from '../reporting/svg/line-chart';
import { svgDocument } from '../reporting/svg/document';
import type { Point } from '../reporting/svg/down-sample';
import type { LoggedStep } from './metric-log';

/** Most panels, one below the other. */
const maximumPanels = 6;

/**
 * The metrics of a training over its steps, as SVG: one panel a quantity, with the validation's line (`val_loss`,
 * `validation_loss`, `validation-loss`) in the panel of its own (`loss`). Undefined when nothing was logged.
 */
export function trainingCurve(model: string, steps: readonly LoggedStep[]): string | undefined {
  const lines = new Map<string, Point[]>();
  for (const { step, metrics } of steps) {
    for (const [name, value] of Object.entries(metrics)) {
      const points = lines.get(name) ?? [];
      points.push([step, value]);
      lines.set(name, points);
    }
  }
  if (lines.size === 0) return undefined;
  const panels = new Map<string, string[]>();
  for (const name of lines.keys()) {
    const quantity = name.replace(/^(val|valid|validation|train|training)[_-]/, '');
    panels.set(quantity, [...(panels.get(quantity) ?? []), name]);
  }
  return svgDocument(
    `Training of ${model}`,
    [...panels].slice(0, maximumPanels).map(([quantity, names]) =>
      lineChart({
        title: quantity,
        x: { label: 'step', whole: true },
        y: { label: quantity },
        series: names.map((name) => ({ name, points: lines.get(name) ?? [] })),
      }),
    ),
  );
}
