import { openObjectStore } from './open-object-store';

const open = (url: string) => openObjectStore(url, { workspaceRoot: '/a workspace', environment: {} });

describe('openObjectStore', () => {
  it.each([
    ['file:data/remote', 'file:/a workspace/data/remote'],
    ['file:data\\remote', 'file:/a workspace/data/remote'],
    ['file:/mnt/share', 'file:/mnt/share'],
    ['file:///mnt/a%20share', 'file:/mnt/a share'],
    ['s3://bucket', 's3://bucket'],
    ['s3://bucket/', 's3://bucket'],
    ['s3://bucket/a/prefix/', 's3://bucket/a/prefix'],
  ])('opens %s', (url, description) => {
    expect(open(url).description).toBe(description);
  });

  it.each(['', 'file:', 'file: ', 's3://', 's3:bucket', 'https://example.org', '/mnt/share'])(
    'refuses "%s" with what it may be',
    (url) => {
      expect(() => open(url)).toThrow(expect.objectContaining({ code: 'MLOPS_REMOTE_URL' }));
    },
  );
});
