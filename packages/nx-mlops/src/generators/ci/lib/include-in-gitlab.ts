import { isMap, isNode, isScalar, isSeq, parseDocument } from 'yaml';
import { gitlabStages } from './render-gitlab';

/**
 * `.gitlab-ci.yml` of somebody else with our file included, and with our stages where it lists its own: a list in this
 * file takes the place of the included file's. All else stays; the same text where nothing is missing.
 */
export function includeInGitlab(text: string, file: string): string {
  const document = parseDocument(text, { logLevel: 'silent' });
  const root = document.contents;
  if (root !== null && !isMap(root)) return text;
  const include: unknown = root?.get('include', true);
  const stages: unknown = root?.get('stages', true);
  const missing = isSeq(stages) ? gitlabStages.filter((stage) => !values(stages.items).includes(stage)) : [];
  if (includes(include, file) && missing.length === 0) return text;

  if (include === undefined && missing.length === 0) {
    // The one case in which nothing of theirs needs to be touched.
    const lineBreak = text === '' || text.endsWith('\n') ? '' : '\n';
    return `${text}${lineBreak}\ninclude:\n  - local: ${file}\n`;
  }
  const entry = document.createNode({ local: file });
  if (!includes(include, file)) {
    if (isSeq(include)) include.add(entry);
    else if (include === undefined) document.set('include', document.createNode([{ local: file }]));
    else {
      // A single one, as a mapping or a path.
      const list = document.createNode([] as unknown[]);
      list.add(isNode(include) ? include : document.createNode(include));
      list.add(entry);
      document.set('include', list);
    }
  }
  if (isSeq(stages)) missing.forEach((stage) => stages.add(stage));
  return document.toString({ lineWidth: 0 });
}

function values(items: readonly unknown[]): unknown[] {
  return items.map((item) => (isScalar(item) ? item.value : item));
}

function includes(include: unknown, file: string): boolean {
  const isIt = (item: unknown): boolean => {
    const path: unknown = isMap(item) ? item.get('local') : isScalar(item) ? item.value : item;
    return typeof path === 'string' && path.replace(/^\//, '') === file;
  };
  return isSeq(include) ? include.items.some(isIt) : isIt(include);
}
