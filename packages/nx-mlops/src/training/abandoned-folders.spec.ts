import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tmp from 'tmp';
import { replaceFolder } from '../data/replace-folder';
import { removeAbandoned } from './abandoned-folders';

tmp.setGracefulCleanup();

const dayAndMore = 25 * 3600 * 1000;

it('removes old folders of processes that are gone, and no others', async () => {
  const target = join(tmp.dirSync({ unsafeCleanup: true }).name, 'model');
  const gone = 2 ** 22 + 1;
  const folders = {
    old: `${target}.${gone}.0123abcd.tmp`,
    oldAside: `${target}.${gone}.0123abcd.old`,
    young: `${target}.${gone}.0123abce.tmp`,
    alive: `${target}.${process.pid}.0123abcd.tmp`,
    other: `${target}s.${gone}.0123abcd.tmp`,
    result: target,
  };
  const now = Date.now();
  for (const [name, folder] of Object.entries(folders)) {
    mkdirSync(folder);
    writeFileSync(join(folder, 'file'), '');
    if (name !== 'young') utimesSync(folder, now / 1000, (now - dayAndMore) / 1000);
  }
  await removeAbandoned(target, now);
  const left = Object.entries(folders).filter(([, folder]) => existsSync(folder));
  expect(left.map(([name]) => name).sort()).toEqual(['alive', 'other', 'result', 'young']);
});

it('knows the names that replaceFolder gives', async () => {
  const target = join(tmp.dirSync({ unsafeCleanup: true }).name, 'model');
  let name = '';
  await replaceFolder(target, (temporary) => {
    name = temporary.replace(`model.${process.pid}.`, `model.${2 ** 22 + 1}.`);
    return Promise.resolve();
  });
  mkdirSync(name);
  await removeAbandoned(target, Date.now() + dayAndMore);
  expect(existsSync(name)).toBe(false);
});

it('does nothing where nothing is', async () => {
  await removeAbandoned(join(tmp.dirSync({ unsafeCleanup: true }).name, 'not', 'there'), 0);
});
