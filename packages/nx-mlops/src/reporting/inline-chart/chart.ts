import { escapeHtml } from '../html/escape';
import { coordinate } from '../svg/document';

/** Width of a chart inside a page, in pixels at its natural size; it shrinks and grows with its frame. */
export const CHART_WIDTH = 340;

/**
 * An SVG element for a page. Colours and fonts come from the page's style sheet, so that the theme reaches it.
 *
 * @param chart.id unique in the page
 * @param chart.title plain text, read out, and shown by browsers as a tip
 * @param chart.description plain text: the data in words, for those who do not see it
 * @param chart.body SVG elements
 */
export function inlineChart(chart: {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly height: number;
  readonly body: readonly string[];
}): string {
  const { id, height } = chart;
  return [
    `<svg viewBox="0 0 ${CHART_WIDTH} ${coordinate(height)}" role="img" aria-labelledby="${id}-t ${id}-d">`,
    `<title id="${id}-t">${escapeHtml(chart.title)}</title><desc id="${id}-d">${escapeHtml(chart.description)}</desc>`,
    ...chart.body,
    '</svg>',
  ].join('');
}

/** Text of a chart, plain; `m` is the class of muted text. */
export function chartText(
  x: number,
  y: number,
  text: string,
  { anchor, muted = false }: { anchor?: 'middle' | 'end'; muted?: boolean } = {},
): string {
  const at = `x="${coordinate(x)}" y="${coordinate(y)}"`;
  const end = anchor === undefined ? '' : ` text-anchor="${anchor}"`;
  return `<text ${at}${end}${muted ? ' class="m"' : ''}>${escapeHtml(text)}</text>`;
}

/** Pixels with one decimal: enough for the eye, and half the bytes of a page full of charts. */
export function pixel(value: number): string {
  return String(Math.round(value * 10) / 10 + 0);
}

/** A share of rows for people: `12 %`, `0.4 %`, `<0.1 %`, `0 %`. */
export function formatShare(share: number): string {
  if (share === 0 || !Number.isFinite(share)) return share === 0 ? '0 %' : '–';
  const percent = share * 100;
  if (percent < 0.1) return '<0.1 %';
  // What is short of all must not read as all.
  if (share < 1 && percent > 99.9) return '>99.9 %';
  return `${percent < 10 || percent > 99 ? Number(percent.toFixed(1)) : Math.round(percent)} %`;
}
