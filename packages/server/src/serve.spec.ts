import { EventEmitter } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { serve } from './serve';
import { recordingLogger } from './testing/http-client';
import { TestRegistry } from './testing/registry-with-models';
import { until } from './testing/until';

/** Stands for the process: takes signals and notes the exit code. */
class FakeProcess extends EventEmitter {
  readonly exits: number[] = [];
  exit(code: number): void {
    this.exits.push(code);
  }
}

describe('serve', () => {
  const models = new TestRegistry();
  const command = {
    registry: { url: `file:${models.folder}` },
    environment: 'staging',
    host: '127.0.0.1',
    port: 0,
  };
  beforeAll(() => models.serve('churn', 'plus-1'));
  afterAll(() => models.remove());

  it('prints its address once it is ready, and ends with 0 on SIGTERM, twice at once too', async () => {
    const signals = new FakeProcess();
    const logger = recordingLogger();
    await serve(command, { workingFolder: '/', signals, logger });
    const line = logger.lines.at(-1) ?? '';
    expect(line).toMatch(
      /^nx-mlops-server ready on http:\/\/127\.0\.0\.1:[1-9]\d+ \(environment staging: churn version 1\)$/,
    );
    const url = /http:\S+/.exec(line)?.[0] ?? '';
    expect((await fetch(`${url}/v2/health/ready`)).status).toBe(200);
    signals.emit('SIGTERM', 'SIGTERM');
    signals.emit('SIGINT', 'SIGINT');
    await until('it ends', () => signals.exits.length > 0);
    expect(signals.exits).toEqual([0]);
    await expect(fetch(`${url}/v2/health/ready`)).rejects.toThrow();
  });

  it('says in one paragraph that the port is taken', async () => {
    const other = createTcpServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(
      serve(
        { ...command, port },
        { workingFolder: '/', signals: new FakeProcess(), logger: recordingLogger() },
      ),
    ).rejects.toMatchObject({
      code: 'MLOPS_SERVER_PORT',
      message: expect.stringMatching(new RegExp(`^Port ${port} of 127\\.0\\.0\\.1 is taken .*--port`)),
    });
    await new Promise((resolve) => other.close(resolve));
  });
});
