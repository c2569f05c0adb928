import { ListeningServer } from './testing/http-client';

jest.mock('onnxruntime-node', () => {
  throw new Error('ONNX Runtime was loaded');
});

describe('a server without models', () => {
  let http: ListeningServer;
  afterEach(() => http.close());

  it('starts without loading ONNX Runtime', async () => {
    http = await ListeningServer.start({
      registry: {
        listModels: async () => [],
        state: async () => ({ deployments: new Map(), active: new Map() }),
        readVersion: async () => Promise.reject(new Error('there is no version')),
        fetchFile: async () => Promise.reject(new Error('there is no file')),
      },
      environment: 'staging',
    });
    expect(await http.server.follower.whenReady()).toBe(true);
    expect(await http.get('/v2/health/ready')).toMatchObject({ status: 200 });
  });
});
