import { formatNumber } from '../format';
import { coordinate, svgLine, svgText } from './document';
import { linearScale, niceTicks, type Domain } from './scale';

export interface Axis {
  readonly label: string;
  /** Ticks at whole numbers only, for counts and steps. */
  readonly whole?: boolean;
}

/** A plot's drawing area with its axes, and the scales that put data into it. */
export interface PlotFrame {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  /** Title, grid, ticks and axis labels. */
  readonly elements: readonly string[];
  readonly inner: {
    readonly left: number;
    readonly right: number;
    readonly top: number;
    readonly bottom: number;
  };
}

const margin = { left: 64, right: 20, top: 34, bottom: 46 };

/** Axes for numbers on both sides. Sizes in pixels. */
export function plotFrame(frame: {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly x: { readonly label: string; readonly domain: Domain; readonly whole?: boolean };
  readonly y: { readonly label: string; readonly domain: Domain };
}): PlotFrame {
  const inner = {
    left: margin.left,
    right: frame.width - margin.right,
    top: margin.top,
    bottom: frame.height - margin.bottom,
  };
  const x = linearScale(frame.x.domain, [inner.left, inner.right]);
  const y = linearScale(frame.y.domain, [inner.bottom, inner.top]);
  const middle = (inner.top + inner.bottom) / 2;
  return {
    x,
    y,
    inner,
    elements: [
      svgText(inner.left, 20, frame.title, { className: 'title' }),
      ...niceTicks(frame.y.domain, 5).flatMap((value) => [
        svgLine(inner.left, y(value), inner.right, y(value), 'grid'),
        svgText(inner.left - 8, y(value) + 4, formatNumber(value), { anchor: 'end', className: 'muted' }),
      ]),
      svgLine(inner.left, inner.bottom, inner.right, inner.bottom, 'axis'),
      ...niceTicks(frame.x.domain, 7)
        .filter((value) => frame.x.whole !== true || Number.isInteger(value))
        .flatMap((value) => [
          svgLine(x(value), inner.bottom, x(value), inner.bottom + 4, 'axis'),
          svgText(x(value), inner.bottom + 17, formatNumber(value), { anchor: 'middle', className: 'muted' }),
        ]),
      svgText((inner.left + inner.right) / 2, frame.height - 10, frame.x.label, {
        anchor: 'middle',
        className: 'muted',
      }),
      svgText(14, middle, frame.y.label, { anchor: 'middle', className: 'muted', rotate: -90 }),
    ],
  };
}

/** The small key that says which colour is which series; nothing for a single one. */
export function legend(
  { inner }: PlotFrame,
  entries: readonly { readonly name: string; readonly colour: string }[],
): string[] {
  if (entries.length < 2) return [];
  let right = inner.right;
  return [...entries].reverse().flatMap(({ name, colour }) => {
    const label = name.length > 24 ? `${name.slice(0, 23)}…` : name;
    // Seven pixels are the width of a letter of this font, roundly.
    right -= label.length * 7 + 24;
    return [
      `<rect x="${coordinate(right)}" y="${coordinate(inner.top - 22)}" width="10" height="10" fill="${colour}"/>`,
      svgText(right + 14, inner.top - 13, label, { className: 'muted' }),
    ];
  });
}
