import { createHash } from 'node:crypto';

/** How a comment begins in the file's language. */
export type CommentSign = '#' | '//';

/** Text of ours amid a file that people own. */
export interface MarkedPart {
  readonly name: string;
  /** What stands between the marks. */
  readonly body: string;
  /** What the mark says the body was when it was written. */
  readonly digest: string;
}

/**
 * Fingerprint of a text that formatters may rewrite: white space and the style of quotes do not count.
 *
 * @returns 12 hexadecimal digits
 */
export function digestOf(text: string): string {
  return createHash('sha256')
    .update(text.replace(/[\s'"]+/g, ''))
    .digest('hex')
    .slice(0, 12);
}

/** The part with its marks, all indented by as many spaces. Ends with a line break. */
export function markedPart(name: string, body: string, sign: CommentSign, indent = 0): string {
  const text = indented(body.trimEnd(), indent);
  const space = ' '.repeat(indent);
  return `${space}${sign} nx-mlops:begin ${name} ${digestOf(text)}\n${text}\n${space}${sign} nx-mlops:end ${name}\n`;
}

/** Every line but the empty ones moved to the right. */
export function indented(text: string, spaces: number): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(spaces));
}

/** The marked parts of a file, in its order. A part without its end is none. */
export function markedParts(text: string): MarkedPart[] {
  return [...text.matchAll(pattern())].map(({ groups }) => ({
    name: groups?.['name'] as string,
    body: groups?.['body'] as string,
    digest: groups?.['digest'] as string,
  }));
}

export function isEdited({ body, digest }: MarkedPart): boolean {
  return digestOf(body) !== digest;
}

/**
 * A file with its parts as another text has them. Parts that say the same stay as they are written, and so does all that
 * is outside of the marks. A part without marks in the file is its owner's by now and does not come back.
 *
 * @param present the file
 * @param wanted the whole file as it would be written anew
 */
export function withPartsOf(present: string, wanted: string): string {
  const blocks = new Map([...wanted.matchAll(pattern())].map((match) => [match.groups?.['name'], match]));
  return present.replace(pattern(), (block, ...rest) => {
    const { name, body } = rest.at(-1) as Record<'name' | 'body' | 'digest', string>;
    const replacement = blocks.get(name);
    if (replacement === undefined) return block;
    const isSame =
      digestOf(replacement.groups?.['body'] ?? '') === digestOf(body) && block.includes(` ${digestOf(body)}`);
    return isSame ? block : replacement[0];
  });
}

function pattern(): RegExp {
  return /^[ \t]*(?:#|\/\/) nx-mlops:begin (?<name>\S+) (?<digest>[0-9a-f]{12})[ \t]*\r?\n(?<body>[\s\S]*?)\r?\n?^[ \t]*(?:#|\/\/) nx-mlops:end \k<name>[ \t]*$/gm;
}
