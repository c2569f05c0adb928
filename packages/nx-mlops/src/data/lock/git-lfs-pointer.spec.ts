import { parseLfsPointer } from './git-lfs-pointer';

const oid = 'ab'.repeat(32);

describe('parseLfsPointer', () => {
  it.each([
    [
      'a pointer',
      `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize 12345\n`,
      { target: { sha256: oid, size: 12345 } },
    ],
    [
      'a pointer with extensions',
      `version https://git-lfs.github.com/spec/v1\next-0-x sha256:${'0'.repeat(64)}\noid sha256:${oid}\nsize 0\n`,
      { target: { sha256: oid, size: 0 } },
    ],
    [
      'a broken digest',
      `version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n`,
      { target: undefined },
    ],
    ['no size', `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\n`, { target: undefined }],
    ['other text', 'id,name\n1,a\n', undefined],
    ['nothing', '', undefined],
    [
      'a long file that begins like one',
      `version https://git-lfs.github.com/spec/v1\n${'x'.repeat(1024)}`,
      undefined,
    ],
  ])('reads %s', (_, text, expected) => {
    expect(parseLfsPointer(text)).toEqual(expected);
  });
});
