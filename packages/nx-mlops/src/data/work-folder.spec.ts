import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tmp from 'tmp';
import { withWorkFolder } from './work-folder';

tmp.setGracefulCleanup();

describe('withWorkFolder', () => {
  let root: string;
  beforeEach(() => {
    root = tmp.dirSync({ unsafeCleanup: true }).name;
  });

  it('gives an empty folder and takes it away, also after a failure', async () => {
    let folder = '';
    const working = withWorkFolder(root, 'prepare', async (path) => {
      folder = path;
      expect(readdirSync(path)).toEqual([]);
      writeFileSync(join(path, 'half.parquet'), 'half');
      throw new Error('failed');
    });
    await expect(working).rejects.toThrow('failed');
    expect(existsSync(folder)).toBe(false);
  });

  it('sweeps what a killed run left a day ago, and nothing younger', async () => {
    const parent = join(root, '.mlops/tmp');
    const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000);
    mkdirSync(join(parent, 'old'), { recursive: true });
    mkdirSync(join(parent, 'young'));
    utimesSync(join(parent, 'old'), yesterday, yesterday);
    await withWorkFolder(root, 'prepare', async () => undefined);
    expect(readdirSync(parent)).toEqual(['young']);
  });
});
