import { datasetLockSchema, type DatasetLock } from '@nx-mlops/core';
import fc from 'fast-check';
import { lockText, parseLock } from './lock-text';

const sha256 = '0123456789abcdef'.repeat(4);
const lock: DatasetLock = {
  version: 1,
  sources: {
    weather: { files: [{ path: 'https://example.org/w.csv', sha256, size: 3, etag: '"a\\b"' }] },
    flights: {
      files: [
        { path: 'data/a "b".csv', sha256, size: 1 },
        { path: 'data/ü.csv', sha256, size: 2 },
      ],
    },
  },
};

describe('lockText', () => {
  it('has a line for each file, in the order of the keys', () => {
    expect(lockText(lock)).toBe(`{
  "sources": {
    "flights": {
      "files": [
        { "path": "data/a \\"b\\".csv", "sha256": "${sha256}", "size": 1 },
        { "path": "data/ü.csv", "sha256": "${sha256}", "size": 2 }
      ]
    },
    "weather": {
      "files": [
        { "etag": "\\"a\\\\b\\"", "path": "https://example.org/w.csv", "sha256": "${sha256}", "size": 3 }
      ]
    }
  },
  "version": 1
}
`);
  });

  it('is JSON of the lock', () => {
    const file = fc.record(
      { path: fc.string(), sha256: fc.constant(sha256), size: fc.maxSafeNat(), etag: fc.string() },
      { requiredKeys: ['path', 'sha256', 'size'] },
    );
    // Zod leaves out a key of that name.
    const name = fc.string().filter((text) => text !== '__proto__');
    const sources = fc.dictionary(name, fc.record({ files: fc.array(file, { minLength: 1 }) }));
    fc.assert(
      fc.property(sources, (given) => {
        const text = lockText({ version: 1, sources: given });
        expect(parseLock(text, 'dataset.lock.json')).toEqual({ version: 1, sources: given });
      }),
    );
  });
});

describe('parseLock', () => {
  it('takes a lock that was formatted otherwise, also with comments', () => {
    const text = `// ours\n${JSON.stringify(lock, null, 4)}`;
    expect(parseLock(text, 'dataset.lock.json')).toEqual(datasetLockSchema.parse(lock));
  });

  it.each([
    ['<<<<<<< HEAD\n{}', 'MLOPS_CONFIG_SYNTAX'],
    ['{"version":2,"sources":{}}', 'MLOPS_CONFIG_INVALID'],
    ['{"version":1,"sources":{"a":{"files":[]}}}', 'MLOPS_CONFIG_INVALID'],
  ])('says what is wrong with %j', (text, code) => {
    expect(() => parseLock(text, 'dataset.lock.json')).toThrow(expect.objectContaining({ code }));
  });
});
