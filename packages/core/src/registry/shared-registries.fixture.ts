import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import tmp from 'tmp';
import { FileObjectStore } from '../object-store/file-object-store';
import type { ObjectStore } from '../object-store/object-store';
import { FileRegistryDriver } from './file-registry-driver';
import { ObjectRegistryDriver } from './object-registry-driver';
import type { SharedRegistry } from './registry-driver-contract.fixture';

tmp.setGracefulCleanup();

const newFolder = () => tmp.dirSync({ unsafeCleanup: true, prefix: 'a registry ' }).name;

/** An empty registry in a folder. */
export async function inFolder(): Promise<SharedRegistry> {
  const folder = join(newFolder(), 'shared');
  return {
    open: () => new FileRegistryDriver(folder),
    raw: {
      read: async (path) => {
        const file = join(folder, path);
        return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
      },
      write: async (path, content) => {
        const file = join(folder, path);
        mkdirSync(dirname(file), { recursive: true });
        if (existsSync(file)) chmodSync(file, 0o644);
        writeFileSync(file, content);
      },
    },
  };
}

/** An empty registry in an object store; each driver is of a machine of its own, with a cache of its own. */
export function inStore(open: () => ObjectStore): SharedRegistry {
  const store = open();
  return {
    open: () => new ObjectRegistryDriver(open(), join(newFolder(), 'cache')),
    raw: {
      read: async (path) => {
        const found = await store.get(path);
        return found === undefined ? undefined : text(found.body);
      },
      write: async (path, content) => {
        await store.put(path, Buffer.from(content));
      },
    },
  };
}

/** An empty registry in an object store that is a folder. */
export async function inFolderStore(): Promise<SharedRegistry> {
  const folder = join(newFolder(), 'store');
  return inStore(() => new FileObjectStore(folder));
}
