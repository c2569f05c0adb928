import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Workspace } from '../../tools/workspace/create-workspace.mjs';
import { repository } from '../../tools/workspace/tarballs.mjs';
import { workspaceFor } from '../support';
import { killNxWhen } from './kill-nx-when';

const FILES = 20_000;
/** With this size they fill five packs. */
const BYTES = 4000;
const remote = join(repository, 'tmp/e2e/a folder of packs');

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

async function namesBelow(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  return (await readdir(folder, { recursive: true })).map((name) => name.replaceAll('\\', '/'));
}

/** Many small files to and from a folder, by processes that are killed midway. */
describe('transfers of many files that are killed (file:)', () => {
  let workspace: Workspace;
  const digests = new Map<string, string>();
  const store = () => workspace.path('.mlops/store/sha256');
  const stored = async () => (await namesBelow(store())).filter((name) => /^..\/[0-9a-f]{64}$/.test(name));
  const placed = async () => namesBelow(workspace.path('many/raw'));
  const packs = async () =>
    (await namesBelow(join(remote, 'packs'))).filter((name) => name.endsWith('.pack'));
  const push = () => workspace.mustNx(['run', 'many:push']);
  const pull = () => workspace.mustNx(['run', 'many:pull']);

  beforeAll(async () => {
    await rm(remote, { recursive: true, force: true });
    workspace = await workspaceFor('many files', { daemon: false });
    await workspace.mustNx(['g', 'nx-mlops:init']);
    await workspace.edit('mlops.json', (text) =>
      text.replace('{', `{ "remote": ${JSON.stringify(`file:${remote}`)},`),
    );
    await workspace.write(
      'many/dataset.config.json',
      JSON.stringify({
        sources: { raw: { path: 'raw', format: 'files' } },
        splits: { all: { where: 'true' } },
      }),
    );
    await workspace.write('many/.gitignore', 'raw/\n');
    await mkdir(workspace.path('many/raw'), { recursive: true });
    for (let index = 0; index < FILES; index++) {
      const bytes = randomBytes(BYTES);
      digests.set(`${index}.bin`, sha256(bytes));
      await writeFile(workspace.path('many/raw', `${index}.bin`), bytes);
    }
    await workspace.mustNx(['run', 'many:lock']);
  }, 900_000);

  it('a push goes on where it was stopped, and nothing is half there', async () => {
    await killNxWhen(workspace, ['run', 'many:push'], async () => (await packs()).length > 0);
    const times = new Map<string, number>();
    for (const name of await packs()) {
      const file = join(remote, 'packs', name);
      expect(`${sha256(await readFile(file))}.pack`).toBe(name);
      times.set(name, (await stat(file)).mtimeMs);
    }
    await push();
    expect((await packs()).length).toBeGreaterThan(times.size);
    for (const [name, time] of times) expect((await stat(join(remote, 'packs', name))).mtimeMs).toBe(time);
    expect((await push()).output).toMatch(/: 0 files, 0 (B|bytes)/);
  });

  it('a pull goes on where it was stopped, takes nothing half, and another has nothing to do', async () => {
    await rm(workspace.path('many/raw'), { recursive: true });
    await rm(workspace.path('.mlops'), { recursive: true });
    let before = 0;
    for (const share of [0.1, 0.5]) {
      await killNxWhen(workspace, ['run', 'many:pull'], async () => (await stored()).length > share * FILES);
      const names = await stored();
      expect(names.length).toBeLessThan(FILES);
      // What a killed pull brought stays.
      expect(names.length).toBeGreaterThanOrEqual(before);
      before = names.length;
      for (const name of names) expect(sha256(await readFile(join(store(), name)))).toBe(name.slice(3));
      expect(await placed()).toEqual([]);
    }
    const { output } = await pull();
    const got = Number(/: ([\d,]+) files/.exec(output)?.[1]?.replaceAll(',', ''));
    expect(got).toBe(FILES - before);
    for (const [name, digest] of digests)
      expect(sha256(await readFile(workspace.path('many/raw', name)))).toBe(digest);
    expect((await placed()).length).toBe(FILES);
    expect((await pull()).output).toMatch(/0 files brought into place/);
  });

  it('a pull that was killed while it brought files into place brings the rest', async () => {
    await rm(workspace.path('many/raw'), { recursive: true });
    await killNxWhen(workspace, ['run', 'many:pull'], async () => (await placed()).length > 0);
    const there = (await placed()).filter((name) => digests.has(name));
    for (const name of there)
      expect(sha256(await readFile(workspace.path('many/raw', name)))).toBe(digests.get(name));
    const { output } = await pull();
    expect(output).toMatch(/: 0 files, 0 (B|bytes)/);
    expect((await placed()).filter((name) => digests.has(name)).length).toBe(FILES);
  });
});
