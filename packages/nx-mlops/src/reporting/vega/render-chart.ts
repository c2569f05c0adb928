import type { TopLevelSpec } from 'vega-lite';
import { escapeHtml } from '../html/escape';
import { chartTheme } from './chart-theme';

export interface VegaChart {
  /** Unique in the page; letters, digits and `-`. */
  readonly id: string;
  /** Plain text, read out, and shown by browsers as a tip. */
  readonly title: string;
  /** Plain text: the data in words, for those who do not see it. */
  readonly description: string;
  /** Data inside it; its texts visible, as `visibleText` makes them. */
  readonly spec: TopLevelSpec;
}

/**
 * A chart as an SVG element for a page, whose style sheet gives it fonts and colours. The same chart gives the same
 * bytes, wherever it is drawn. Loads Vega, 0.2 s, when the first chart is drawn.
 */
export async function renderChart({ id, title, description, spec }: VegaChart): Promise<string> {
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  // Else texts are measured by a canvas where one happens to be installed, and estimated elsewhere.
  (vega as unknown as { textMetrics: { canvas(use: boolean): void } }).textMetrics.canvas(false);
  const view = new vega.View(vega.parse(vegaLite.compile(spec, { config: chartTheme }).spec), {
    renderer: 'none',
  });
  try {
    return asElement(await view.toSVG(), id, title, description);
  } finally {
    view.finalize();
  }
}

/** Takes off what a file of its own needs and a page does not, and adds what is read out. */
function asElement(svg: string, id: string, title: string, description: string): string {
  const [opening = '', size] = /^<svg [^>]*viewBox="([^"]+)"[^>]*>/.exec(svg) ?? [];
  return [
    `<svg viewBox="${size}" role="img" aria-labelledby="${id}-t ${id}-d">`,
    `<title id="${id}-t">${escapeHtml(title)}</title><desc id="${id}-d">${escapeHtml(description)}</desc>`,
    ownIds(svg.slice(opening.length), id).replace(/ font-family="[^"]*"/g, ''),
  ].join('');
}

/** Vega counts its ids over all charts of a process; here they count from 0 in each. */
function ownIds(body: string, id: string): string {
  const ids = [...body.matchAll(/ id="([^"]+)"/g)].map(([, name]) => name as string);
  const own = (name: string) => `${id}-${ids.indexOf(name)}`;
  return body
    .replace(/ id="([^"]+)"/g, (_, name: string) => ` id="${own(name)}"`)
    .replace(/url\(#([^)]+)\)/g, (_, name: string) => `url(#${own(name)})`);
}
