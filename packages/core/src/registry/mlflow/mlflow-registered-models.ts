import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { MlopsError } from '../../errors/mlops-error';
import type { MlflowClient } from './mlflow-client';
import { contested, forked, textsOf, type Tag } from './numbered-tags';
import { parseRegisteredModel, type RegisteredModel } from './registered-model';

/** Tells our registered models from those of others. */
const OURS = 'nx-mlops.registry';
const PAGE = 100;
/** Between two looks at what others are just about to do. ms */
const PAUSE = 250;

const pageSchema = z.object({
  registered_models: z.array(z.unknown()).default([]),
  next_page_token: z.string().optional(),
});

/** The registered models of a server: one for each model of ours, by the same name. */
export class MlflowRegisteredModels {
  /**
   * @param patience how long a reader waits while two writers settle who came first. ms
   * @param pause replaced by tests
   */
  constructor(
    private readonly client: Pick<MlflowClient, 'server' | 'get' | 'post' | 'delete'>,
    private readonly patience: number,
    private readonly pause: (ms: number) => Promise<void> = sleep,
  ) {}

  /** Those of ours. */
  async *list(): AsyncGenerator<RegisteredModel> {
    let token: string | undefined;
    do {
      const query = {
        filter: `tags.\`${OURS}\` = '1'`,
        max_results: String(PAGE),
        ...(token === undefined ? {} : { page_token: token }),
      };
      const page = pageSchema.parse(await this.client.get('registered-models/search', { query }));
      for (const each of page.registered_models) {
        yield parseRegisteredModel({ registered_model: each }, this.client.server);
      }
      token = page.next_page_token === '' ? undefined : page.next_page_token;
    } while (token !== undefined);
  }

  /** One request. Undefined when there is none of that name, or it is not ours. */
  async find(name: string): Promise<RegisteredModel | undefined> {
    const found = await this.any(name);
    return found?.tags.has(OURS) ? found : undefined;
  }

  /**
   * As it is when no two writers contend for a place under a prefix.
   *
   * @throws MlopsError MLOPS_REGISTRY_FORKED when they do not settle it
   */
  async findSettled(name: string, prefix: string, place: string): Promise<RegisteredModel | undefined> {
    for (let waited = 0; ; waited += PAUSE) {
      const found = await this.find(name);
      if (found === undefined) return undefined;
      const keys = contested(textsOf(prefix, found.tags));
      if (keys.length === 0) return found;
      if (waited >= this.patience) throw forked(keys, place);
      await this.pause(PAUSE);
    }
  }

  /**
   * Makes one where there is none.
   *
   * @throws MlopsError MLOPS_MLFLOW_NAME_TAKEN when one of that name is not ours
   */
  async open(name: string): Promise<RegisteredModel> {
    const found = await this.any(name);
    if (found === undefined) {
      await this.client.post(
        'registered-models/create',
        {
          name,
          tags: [{ key: OURS, value: '1' }],
          description:
            'Written by nx-mlops: deploy, promote and roll back with it; its tags hold the history.',
        },
        { unless: ['RESOURCE_ALREADY_EXISTS'] },
      );
      return this.open(name);
    }
    if (found.tags.has(OURS)) return found;
    throw new MlopsError(
      'MLOPS_MLFLOW_NAME_TAKEN',
      `there is a registered model "${name}" already that something other than nx-mlops made. Rename it in MLflow, or the project here.`,
      { file: this.client.server },
    );
  }

  /** Waits for another command that is just about to make a model version. @returns whether it did */
  async hasSoon(name: string, version: number): Promise<boolean> {
    for (let waited = 0; ; waited += PAUSE) {
      const found = await this.find(name);
      if (found === undefined || found.lastVersion >= version) return true;
      if (waited >= this.patience) return false;
      await this.pause(PAUSE);
    }
  }

  async setTag(name: string, { key, value }: Tag): Promise<void> {
    await this.client.post('registered-models/set-tag', { name, key, value });
  }

  async deleteTag(name: string, key: string): Promise<void> {
    await this.client.delete('registered-models/delete-tag', { name, key });
  }

  async setAlias(name: string, alias: string, version: number): Promise<void> {
    await this.client.post('registered-models/alias', { name, alias, version: String(version) });
  }

  /** Nothing happens when there is none. MLflow may call that an invalid parameter. */
  async deleteAlias(name: string, alias: string): Promise<void> {
    const unless = ['RESOURCE_DOES_NOT_EXIST', 'INVALID_PARAMETER_VALUE'];
    await this.client.delete('registered-models/alias', { name, alias }, { unless });
  }

  /**
   * Writes a text under a number that nobody else has written one under, though MLflow has no conditional write: it is
   * written under a key of its own, then looked whether another stands beside it, and withdrawn if so. Of two writers at
   * once at least one sees the other, whatever the order, as long as the server reads what it wrote.
   *
   * @param tags as `tagsOf` gives them
   * @returns whether it stands; false when another writer's does
   */
  async claim(name: string, prefix: string, number: number, tags: readonly Tag[]): Promise<boolean> {
    const own = tags.at(-1)?.key;
    const hasRivals = async () => {
      const texts = textsOf(prefix, (await this.find(name))?.tags ?? new Map<string, string>());
      return texts.some((text) => text.number === number && text.key !== own);
    };
    for (let attempt = 0; ; attempt++) {
      for (const tag of tags) await this.setTag(name, tag);
      if (!(await hasRivals())) return true;
      for (const { key } of [...tags].reverse()) await this.deleteTag(name, key);
      await this.pause(20 + Math.random() * Math.min(1000, 50 * 2 ** attempt));
      // Who withdrew last finds nobody there, so one of all writers succeeds.
      if (await hasRivals()) return false;
    }
  }

  private async any(name: string): Promise<RegisteredModel | undefined> {
    const found = await this.client.get('registered-models/get', {
      query: { name },
      unless: ['RESOURCE_DOES_NOT_EXIST'],
    });
    return found === undefined ? undefined : parseRegisteredModel(found, this.client.server);
  }
}
