import { sha256OfBytes } from '@nx-mlops/core';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import tmp from 'tmp';
import { READ_BYTES } from './hash-file-now';
import { hashFiles, newCounts, type FileToHash } from './hash-files';
import type { HashAnswer } from './hash-worker';

tmp.setGracefulCleanup();

jest.mock('node:worker_threads', () => {
  const actual = jest.requireActual('node:worker_threads');
  return { ...actual, Worker: jest.fn((...given) => new actual.Worker(...given)) };
});

describe('hashFiles', () => {
  let folder: string;
  const write = (name: string, content: string | Uint8Array): FileToHash => {
    const file = join(folder, name);
    writeFileSync(file, content);
    return { file, size: content.length };
  };
  const hash = async (files: readonly FileToHash[], options: Parameters<typeof hashFiles>[2] = {}) => {
    const answers: HashAnswer[] = new Array<HashAnswer>(files.length).fill(undefined);
    await hashFiles(files, (index, answer) => (answers[index] = answer), options);
    return answers;
  };

  beforeEach(() => {
    folder = tmp.dirSync({ unsafeCleanup: true, prefix: 'a folder ' }).name;
    jest.mocked(Worker).mockClear();
  });

  it.each([0, 1, 1000, READ_BYTES - 1, READ_BYTES, READ_BYTES + 1, 3 * READ_BYTES])(
    'hashes a file of %d bytes',
    async (size) => {
      const bytes = Buffer.alloc(size, 'abc');
      const counts = newCounts();
      const [answer] = await hash([write('file', bytes)], { counts });
      expect(answer).toMatchObject({ sha256: sha256OfBytes(bytes), size, changed: false });
      expect([...counts.done]).toEqual([BigInt(size), 1n]);
    },
  );

  it('needs no thread for a few small files', async () => {
    await hash([write('a', 'a'), write('b', 'b')]);
    expect(Worker).not.toHaveBeenCalled();
  });

  it('hashes many files in threads, and gives each its own digest', async () => {
    const files = Array.from({ length: 1200 }, (_, index) => write(`${index}`, `content ${index}`));
    const answers = await hash(files);
    expect(Worker).toHaveBeenCalled();
    expect(answers.map((answer) => answer && 'sha256' in answer && answer.sha256)).toEqual(
      files.map((_, index) => sha256OfBytes(`content ${index}`)),
    );
  });

  it('hashes a large file in a thread', async () => {
    const file = { file: join(folder, 'large'), size: 40 << 20 };
    writeFileSync(file.file, '');
    truncateSync(file.file, file.size);
    const [answer] = await hash([file]);
    expect(Worker).toHaveBeenCalledTimes(1);
    expect(answer).toMatchObject({ sha256: sha256OfBytes(Buffer.alloc(file.size)), size: file.size });
  });

  it.each([
    ['here', 3],
    ['in threads', 600],
  ])('says which file cannot be read and hashes the others, %s', async (_, count) => {
    const files = Array.from({ length: count }, (_, index) => write(`${index}`, `${index}`));
    files.splice(1, 1, { file: join(folder, 'none'), size: 1 });
    mkdirSync(join(folder, 'sub'));
    files.splice(2, 1, { file: join(folder, 'sub'), size: 1 });
    const answers = await hash(files);
    expect(answers[1]).toMatchObject({ error: { code: 'ENOENT' } });
    expect(answers[2]).toMatchObject({ error: { code: 'EISDIR' } });
    expect(answers.filter((answer) => answer !== undefined && 'sha256' in answer)).toHaveLength(count - 2);
  });

  it('recognises a Git LFS pointer', async () => {
    const oid = 'cd'.repeat(32);
    const text = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize 7\n`;
    expect(await hash([write('p', text)])).toMatchObject([{ pointer: { target: { sha256: oid, size: 7 } } }]);
  });

  it('stops soon when asked to, and gives what was hashed by then', async () => {
    const files = Array.from({ length: 1000 }, (_, index) => write(`${index}`, `${index}`));
    const large = join(folder, 'large');
    writeFileSync(large, '');
    truncateSync(large, 50e9);
    const controller = new AbortController();
    const counts = newCounts();
    let answers = 0;
    const startedAt = performance.now();
    const hashing = hashFiles(
      [...files, { file: large, size: 50e9 }],
      () => {
        answers += 1;
        if (answers === 1000) controller.abort(new Error('stopped by a test'));
      },
      { signal: controller.signal, counts },
    );
    // With one core the large file comes first.
    const timer = setTimeout(() => controller.abort(new Error('stopped by a test')), 3000);
    await expect(hashing).rejects.toThrow('stopped by a test');
    clearTimeout(timer);
    expect(performance.now() - startedAt).toBeLessThan(8000);
  });
});
