import { s3Client } from './s3-client';

describe('s3Client', () => {
  const location = { bucket: 'data', prefix: '', region: 'eu-central-1' };

  it('says nothing of the Node versions that later SDKs will need, and leaves the environment as it was', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const before = { ...process.env };
    try {
      await s3Client(location, {});
      expect(warn).not.toHaveBeenCalled();
      expect({ ...process.env }).toEqual(before);
    } finally {
      warn.mockRestore();
    }
  });
});
