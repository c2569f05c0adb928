import tmp from 'tmp';
import { describeRegistryProcesses } from '../../packages/core/src/registry/registry-processes.fixture';

tmp.setGracefulCleanup();

/** More of what the units begin: processes that are killed while they write. */
describeRegistryProcesses(
  'processes on a registry in a folder',
  async () => ({
    config: { url: 'file:shared' },
    root: tmp.dirSync({ unsafeCleanup: true, prefix: 'a registry ' }).name,
  }),
  { rounds: 35, atOnce: 4, within: 30 },
);
