/** How much an annotation of GitHub Actions asks for attention. */
export type AnnotationLevel = 'error' | 'warning' | 'notice';

/**
 * A line that GitHub Actions turns into an annotation of the run.
 *
 * Source of the escapes: `@actions/core`, `command.ts`, escapeData and escapeProperty.
 */
export function annotation(level: AnnotationLevel, title: string, message: string): string {
  return `::${level} title=${escapeProperty(title)}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
}
