import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import tmp from 'tmp';
import { sha256OfBytes } from '../../files/sha256';
import type { SharedRegistry } from '../registry-driver-contract.fixture';
import { MlflowClient } from './mlflow-client';
import { EVENT, MlflowRegistryDriver, type MlflowDriverOptions } from './mlflow-registry-driver';
import { MlflowRegisteredModels } from './mlflow-registered-models';
import { MlflowStorage } from './mlflow-storage';
import { tagsOf, textsOf } from './numbered-tags';

tmp.setGracefulCleanup();

/** A driver of a machine of its own. */
export function newDriver(
  server: string,
  options: Omit<MlflowDriverOptions, 'cacheFolder'> = {},
): MlflowRegistryDriver {
  const folder = tmp.dirSync({ unsafeCleanup: true, prefix: 'a cache ' }).name;
  return new MlflowRegistryDriver(server, { cacheFolder: join(folder, 'cache'), ...options });
}

/** A registry on a server, emptied; its files are spoken of by the paths that they have in a folder. */
export async function onMlflow(server: string): Promise<SharedRegistry> {
  const client = new MlflowClient(server);
  const models = new MlflowRegisteredModels(client, 0);
  const storage = new MlflowStorage(client);
  const names: string[] = [];
  for await (const { name } of models.list()) names.push(name);
  for (const name of names) await client.delete('registered-models/delete', { name });
  const { folder } = await storage.open();
  await client.deleteArtifact(`${folder}/blobs`);

  const modelOf = (path: string) => /^models\/([^/]+)\/events\.jsonl$/.exec(path)?.[1];
  const blobOf = async (path: string) => {
    const at = path.lastIndexOf('/');
    const all = await client.listArtifacts(`${folder}/${path.slice(0, at)}`);
    const name = all.find((each) => each.name.startsWith(path.slice(at + 1)))?.name;
    return name === undefined ? undefined : `${folder}/${path.slice(0, at)}/${name}`;
  };
  return {
    open: () => newDriver(server),
    raw: {
      async read(path) {
        const model = modelOf(path);
        if (model !== undefined) {
          const found = await models.find(model);
          return found === undefined
            ? undefined
            : textsOf(EVENT, found.tags)
                .map((each) => `${each.text}\n`)
                .join('');
        }
        const place = await blobOf(path);
        const body = place === undefined ? undefined : await client.getArtifact(place);
        return body === undefined ? undefined : text(body);
      },
      async write(path, content) {
        const model = modelOf(path);
        if (model === undefined) return client.putArtifact((await blobOf(path)) as string, content);
        const { tags } = await models.open(model);
        for (const key of tags.keys()) if (key.startsWith(EVENT)) await models.deleteTag(model, key);
        const lines = content.split('\n');
        const cutOff = lines.pop() as string;
        for (const [index, line] of lines.entries()) {
          const [tag] = tagsOf(EVENT, index + 1, sha256OfBytes(line), line);
          if (tag !== undefined) await models.setTag(model, tag);
        }
        // The rest of a long event is written before its beginning.
        const [rest] = tagsOf(EVENT, lines.length + 1, sha256OfBytes(cutOff), cutOff);
        if (cutOff !== '' && rest !== undefined) {
          await models.setTag(model, { key: `${rest.key}.1`, value: cutOff });
        }
      },
    },
  };
}
