/** An element of a document that was read by `parseMarkup`. */
export interface Element {
  readonly name: string;
  readonly attributes: { readonly [name: string]: string };
  readonly children: readonly (Element | string)[];
}

const entities: { readonly [name: string]: string } = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

/**
 * Reads XML, and HTML that is written as such, and is strict about it: every element closed, attributes quoted and given
 * once, no stray `<` or `&`, none of the characters that XML forbids.
 *
 * @throws Error that shows where the markup is not well-formed
 */
export function parseMarkup(markup: string): Element {
  // eslint-disable-next-line no-control-regex -- these are what must not be there
  const forbidden = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\uFFFE\uFFFF]/.exec(markup);
  if (forbidden !== null) throw new Error(`Forbidden character at ${forbidden.index}`);
  if (/\p{Surrogate}/u.test(markup)) throw new Error('A lone surrogate');
  const root = { name: '', attributes: {}, children: [] as (Element | string)[] };
  const open: { name: string; attributes: Record<string, string>; children: (Element | string)[] }[] = [root];
  const token =
    /<\?xml [^?]*\?>|<!DOCTYPE html>|<(\/?)([A-Za-z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)(\s*\/?)>|[^<]+/y;
  while (token.lastIndex < markup.length) {
    const start = token.lastIndex;
    const match = token.exec(markup);
    if (match === null) throw new Error(`Not well-formed: ${markup.slice(start, start + 120)}`);
    const [text, closing, name, attributes = '', selfClosing] = match;
    const parent = open[open.length - 1] as (typeof open)[number];
    if (name === undefined) {
      if (!text.startsWith('<')) parent.children.push(decode(text));
    } else if (closing === '/') {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes <${parent.name}>`);
    } else {
      const element = { name, attributes: attributesOf(attributes), children: [] };
      parent.children.push(element);
      if (selfClosing?.trim() !== '/') open.push(element);
    }
  }
  if (open.length !== 1) throw new Error(`<${open[open.length - 1]?.name}> is not closed`);
  const elements = root.children.filter((child): child is Element => typeof child !== 'string');
  if (elements.length !== 1) throw new Error('A document has one root');
  return elements[0] as Element;
}

/** All elements of a name below another, in the order of the document. */
export function elementsOf(element: Element, name: string): Element[] {
  return element.children.flatMap((child) =>
    typeof child === 'string' ? [] : [...(child.name === name ? [child] : []), ...elementsOf(child, name)],
  );
}

/** The text that an element shows. */
export function textOf(element: Element): string {
  return element.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');
}

function attributesOf(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(/([\w:-]+)="([^"]*)"/g)) {
    if (name === undefined || name in attributes) throw new Error(`Twice the attribute ${name}`);
    attributes[name] = decode(value ?? '');
  }
  return attributes;
}

function decode(text: string): string {
  return text.replace(/&[^;\s]{0,6};?/g, (entity) => {
    const character = entities[entity];
    if (character === undefined) throw new Error(`Not an entity: ${text.slice(0, 120)}`);
    return character;
  });
}
