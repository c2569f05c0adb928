import { applyEdits, modify, type JSONPath } from 'jsonc-parser';

/**
 * Sets one value in the text of a JSON file and leaves the rest of the text, comments too, as it is.
 *
 * @param path keys from the root; an index equal to an array's length appends
 */
export function setJsonValue(text: string, path: JSONPath, value: unknown): string {
  const edits = modify(text, path, value, {
    formattingOptions: { insertSpaces: true, tabSize: 2, eol: '\n' },
  });
  return applyEdits(text, edits);
}
