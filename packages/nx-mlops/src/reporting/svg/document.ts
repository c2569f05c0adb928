/** A drawing of its own size; several are stacked into one document. */
export interface Panel {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** SVG elements in the panel's own coordinates. */
  readonly body: string;
}

/** Colours of series in order, legible on light and on dark ground. */
const seriesColours = ['#2f6fde', '#e07b39', '#2b9a66', '#a855c7', '#d6457b', '#8a7a2e'];

export function seriesColour(index: number): string {
  return seriesColours[index % seriesColours.length] as string;
}

// Ink and ground follow the reader's theme; a page that shows the file by <img> does so too.
const style = [
  'svg{font:12px system-ui,-apple-system,"Segoe UI",sans-serif;background:#fff}',
  'text{fill:#24292f}.muted{fill:#57606a}.title{font-weight:600;font-size:13px}',
  '.grid{stroke:#d0d7de;stroke-width:1}.axis{stroke:#8c959f;stroke-width:1}',
  '.line{fill:none;stroke-width:1.8;stroke-linejoin:round}',
  '@media(prefers-color-scheme:dark){svg{background:#0d1117}text{fill:#e6edf3}.muted{fill:#9198a1}',
  '.grid{stroke:#30363d}.axis{stroke:#6e7681}}',
].join('');

/**
 * An SVG file: the panels one below the other. The same panels give the same bytes.
 *
 * @param title read out by screen readers
 */
export function svgDocument(title: string, panels: readonly Panel[]): string {
  const width = Math.max(0, ...panels.map((panel) => panel.width));
  const height = panels.reduce((sum, panel) => sum + panel.height, 0);
  let top = 0;
  const groups = panels.map((panel) => {
    const group = `<g transform="translate(0,${coordinate(top)})">\n${panel.body}\n</g>`;
    top += panel.height;
    return group;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<style>${style}</style>`,
    ...groups,
    '</svg>',
    '',
  ].join('\n');
}

/** A text element. Long text is cut, so that a class name or a label cannot run out of the picture. */
export function svgText(
  x: number,
  y: number,
  text: string,
  {
    anchor = 'start',
    className,
    rotate,
  }: { anchor?: 'start' | 'middle' | 'end'; className?: string; rotate?: number } = {},
): string {
  const attributes = [
    `x="${coordinate(x)}"`,
    `y="${coordinate(y)}"`,
    ...(anchor === 'start' ? [] : [`text-anchor="${anchor}"`]),
    ...(className === undefined ? [] : [`class="${className}"`]),
    ...(rotate === undefined ? [] : [`transform="rotate(${rotate} ${coordinate(x)} ${coordinate(y)})"`]),
  ];
  return `<text ${attributes.join(' ')}>${escapeXml(shorten(text, 60))}</text>`;
}

export function svgLine(x1: number, y1: number, x2: number, y2: number, className: string): string {
  const [a, b, c, d] = [x1, y1, x2, y2].map(coordinate);
  return `<line x1="${a}" y1="${b}" x2="${c}" y2="${d}" class="${className}"/>`;
}

/** A pixel position: at most two decimals, never `-0`. */
export function coordinate(value: number): string {
  return String(Math.round(value * 100) / 100 + 0);
}

/** Cut to a number of characters, the last one an ellipsis. */
export function shorten(text: string, limit: number): string {
  const letters = Array.from(text);
  return letters.length <= limit ? text : `${letters.slice(0, limit - 1).join('')}…`;
}

/** Text that is safe inside XML; control characters, which XML cannot hold at all, become spaces. */
export function escapeXml(text: string): string {
  return text
    .replace(/\p{Cc}/gu, ' ')
    .replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD')
    .replace(/[\uFFFE\uFFFF]/g, '\uFFFD')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}
