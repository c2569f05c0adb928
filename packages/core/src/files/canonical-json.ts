/**
 * JSON that is the same bytes for the same value: keys sorted at every depth, two spaces, a final newline.
 * Manifests are written so, hence equal results have equal digests.
 *
 * @throws TypeError on NaN, infinities and anything else that JSON cannot hold, rather than writing null for it
 */
export function canonicalJson(value: unknown): string {
  return `${JSON.stringify(sorted(value, '$'), null, 2)}\n`;
}

function sorted(value: unknown, path: string): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new TypeError(`${path} is ${value}, which JSON cannot hold`);
  }
  if (Array.isArray(value)) return value.map((item, index) => sorted(item, `${path}[${index}]`));
  if (value !== null && typeof value === 'object') {
    // Without a prototype, so that no key means anything but itself.
    const result = Object.create(null) as Record<string, unknown>;
    for (const key of Object.keys(value).sort()) {
      const item = (value as Record<string, unknown>)[key];
      if (typeof item === 'string') result[key] = item;
      else if (item !== undefined) result[key] = sorted(item, `${path}.${key}`);
    }
    return result;
  }
  if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol') {
    throw new TypeError(`${path} is a ${typeof value}, which JSON cannot hold`);
  }
  return value;
}
