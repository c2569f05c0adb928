import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import tmp from 'tmp';
import { replaceFolder } from './replace-folder';

tmp.setGracefulCleanup();

describe('replaceFolder', () => {
  let folder: string;
  const put = (content: string) =>
    replaceFolder(folder, async (temporary) => writeFileSync(join(temporary, 'file'), content));
  const content = () => readFileSync(join(folder, 'file'), 'utf8');

  beforeEach(() => {
    folder = join(tmp.dirSync({ unsafeCleanup: true }).name, 'a project', '.mlops', 'prepared');
  });

  it('puts the new files in the place of the old ones and leaves nothing beside them', async () => {
    await put('one');
    writeFileSync(join(folder, 'stale'), '');
    await put('two');
    expect(content()).toBe('two');
    expect(existsSync(join(folder, 'stale'))).toBe(false);
    expect(readdirSync(dirname(folder))).toEqual(['prepared']);
  });

  it('leaves the old files when the new ones fail half-way', async () => {
    await put('one');
    const failing = replaceFolder(folder, async (temporary) => {
      mkdirSync(join(temporary, 'half'));
      throw new Error('disk full');
    });
    await expect(failing).rejects.toThrow('disk full');
    expect(content()).toBe('one');
    expect(readdirSync(dirname(folder))).toEqual(['prepared']);
  });

  it('ends with one whole folder when several replace it at once', async () => {
    await Promise.all(['a', 'b', 'c', 'd'].map(put));
    expect(['a', 'b', 'c', 'd']).toContain(content());
    expect(readdirSync(dirname(folder))).toEqual(['prepared']);
  });
});
