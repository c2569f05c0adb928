/** Pieces of Markdown that every reference page is made of. */

/** Code in a line; in a table too, where a bar would end the cell. */
export function code(text) {
  return `\`${text}\``;
}

/** Text as it is: outside code, what looks like a tag is none. */
export function prose(text) {
  return text.replace(/(`[^`]*`)|</g, (_, inCode) => inCode ?? '&lt;');
}

/** What a key's absence means: `required`, `either`, or its default. */
export function defaultCell({ presence, default: value }) {
  return presence === 'optional' ? value : presence;
}

/** A table with a header; bars and line breaks inside cells are escaped. */
export function table(header, rows) {
  const line = (cells) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A fenced block. */
export function fence(language, text) {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
}

/** A whole page; `source` is what to edit instead of it, relative to the repository. */
export function page(title, source, parts) {
  const origin = `<!-- Made from ${source} by tools/docs/generate-reference.mjs. Edit the source, not this. -->`;
  return `${[`# ${title}`, origin, ...parts.filter((part) => part !== undefined && part !== '')].join('\n\n')}\n`;
}
