import { s3StoreError } from './s3-store-error';
import { S3ObjectStore } from './s3-object-store';

const of = (fields: object) =>
  s3StoreError(Object.assign(new Error('the words of S3'), fields), 's3://b', 'http://x');

describe('s3StoreError', () => {
  it.each([
    [{ name: 'CredentialsProviderError' }, 'MLOPS_REMOTE_DENIED', /AWS_ACCESS_KEY_ID/],
    [{ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } }, 'MLOPS_REMOTE_DENIED', /refuses/],
    [{ name: '403', $metadata: { httpStatusCode: 403 } }, 'MLOPS_REMOTE_DENIED', /refuses/],
    [
      { name: 'NoSuchBucket', $metadata: { httpStatusCode: 404 } },
      'MLOPS_REMOTE_NOT_FOUND',
      /no such bucket/,
    ],
    [{ code: 'ECONNREFUSED' }, 'MLOPS_REMOTE_UNREACHABLE', /http:\/\/x does not answer/],
    [{ code: 'ENOTFOUND' }, 'MLOPS_REMOTE_UNREACHABLE', /ENOTFOUND/],
    [{ name: 'PermanentRedirect', $metadata: { httpStatusCode: 301 } }, 'MLOPS_REMOTE_FAILED', /region/],
    [{ name: 'NotImplemented', $metadata: { httpStatusCode: 501 } }, 'MLOPS_REMOTE_FAILED', /conditional/],
    [
      { name: 'InsufficientStorage', $metadata: { httpStatusCode: 507 } },
      'MLOPS_REMOTE_FAILED',
      /no space is left in the store at http:\/\/x/,
    ],
    [
      { name: 'SlowDown', $metadata: { httpStatusCode: 503 } },
      'MLOPS_REMOTE_FAILED',
      /503 SlowDown: the words/,
    ],
  ])('%j is %s', (fields, code, message) => {
    expect(of(fields)).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('names the key of mlops.json that names the store', () => {
    const error = Object.assign(new Error(), { name: 'NoSuchBucket' });
    expect(s3StoreError(error, 's3://b', undefined).message).toMatch(/mend "remote" in mlops\.json/);
    expect(s3StoreError(error, 's3://b', undefined, 'registry').message).toMatch(/mend "registry" in/);
  });
});

describe('S3ObjectStore', () => {
  it('says how to install the AWS SDK where it is missing', async () => {
    jest.doMock('@aws-sdk/client-s3', () => {
      throw Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' });
    });
    const store = new S3ObjectStore({ bucket: 'b', prefix: '' }, {});
    await expect(store.head('a')).rejects.toMatchObject({
      code: 'MLOPS_S3_SDK_MISSING',
      message: expect.stringContaining('npm install --save-dev @aws-sdk/client-s3'),
    });
    jest.dontMock('@aws-sdk/client-s3');
  });
});
