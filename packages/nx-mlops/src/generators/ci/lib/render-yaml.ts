import { stringify, type ScalarTag } from 'yaml';

/** GitLab's reference to a part of another job, such as `!reference [.setup, cache]`. */
export class Reference {
  constructor(readonly path: readonly string[]) {}
}

/** How the reference is written; its own reading is left to GitLab. */
const referenceTag: ScalarTag = {
  tag: '!reference',
  identify: (value) => value instanceof Reference,
  resolve: (text) => text,
  stringify: ({ value }) => `[${(value as Reference).path.join(', ')}]`,
};

/** Block style and long lines left whole, so that Prettier finds little to change. */
export function yamlText(value: unknown): string {
  return stringify(value, { lineWidth: 0, nullStr: '', customTags: [referenceTag] });
}

/** Entries of a mapping with an empty line between them. */
export function yamlEntries(entries: readonly (readonly [string, unknown])[]): string {
  return entries.map(([key, value]) => yamlText({ [key]: value })).join('\n');
}
