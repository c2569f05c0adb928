import { createServer } from './server';

jest.mock('onnxruntime-node', () => {
  throw new Error('ONNX Runtime was loaded');
});

describe('a server without models', () => {
  it('starts without loading ONNX Runtime', async () => {
    const { app, follower } = await createServer({
      registry: {
        listModels: async () => [],
        state: async () => ({ deployments: new Map() }),
        readVersion: async () => Promise.reject(new Error('there is no version')),
        fetchFile: async () => Promise.reject(new Error('there is no file')),
      },
      environment: 'staging',
    });
    expect(await follower.whenReady()).toBe(true);
    expect((await app.inject('/v2/health/ready')).statusCode).toBe(200);
    await app.close();
  });
});
