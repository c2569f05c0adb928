/**
 * Renders items one by one until the characters are used up, so that a page stays one that a browser opens gladly.
 *
 * @param budget characters of markup
 * @returns the markup, and the items for which there was no room
 */
export function withinBudget<Item>(
  items: readonly Item[],
  budget: number,
  render: (item: Item, index: number) => string,
): { readonly markup: string[]; readonly left: Item[] } {
  const markup: string[] = [];
  let used = 0;
  for (const [index, item] of items.entries()) {
    const text = render(item, index);
    used += text.length;
    if (used > budget) return { markup, left: items.slice(index) };
    markup.push(text);
  }
  return { markup, left: [] };
}
