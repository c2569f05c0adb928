/** What the figure of the registry does, each in a process of its own, with the built package. */
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const load = () => require('../../../packages/core');

export const first = 'model-0000';
const environments = ['staging', 'production'];
const logOf = (folder, model) => join(folder, 'models', model, 'events.jsonl');

/**
 * @param {{ task: 'make' | 'summaries' | 'rollback' | 'read-logs' | 'append', folder: string, models: string[], events: number }} input
 */
export default async function registryCase({ task, ...input }) {
  return tasks[task](input);
}

const tasks = {
  make,

  async summaries({ folder }) {
    const found = await load().openRegistry(`file:${folder}`, '/').summaries();
    const broken = found.find(({ error }) => error !== undefined);
    if (broken !== undefined) throw broken.error;
    return { count: found.length, last: found[0].summary.lastSeq };
  },

  async rollback({ folder }) {
    const registry = load().openRegistry(`file:${folder}`, '/');
    const command = { model: first, environment: 'production', reason: 'measured', actor: 'bench' };
    const { from, target } = await registry.rollback(command);
    return { from: from.version, to: target.version };
  },

  /** The limit: the bytes of every log, neither parsed nor verified. */
  async 'read-logs'({ folder, models }) {
    let bytes = 0;
    const rest = models.values();
    const worker = async () => {
      for (const model of rest) bytes += (await readFile(logOf(folder, model))).length;
    };
    await Promise.all(Array.from({ length: 16 }, worker));
    return { bytes };
  },

  /** The limit: one log read, and a line appended and flushed to the disk. */
  async append({ folder }) {
    const file = logOf(folder, first);
    const bytes = await readFile(file);
    const handle = await open(file, 'a');
    await handle.writeFile(bytes.subarray(bytes.lastIndexOf(10, bytes.length - 2) + 1));
    await handle.sync();
    await handle.close();
    return { bytes: bytes.length };
  },
};

/**
 * The first model's versions are registered in earnest; its log is written on by the code that formats logs, with two
 * versions that are deployed by turns. The others have the same log. Snapshots are those that writers leave.
 */
async function make({ folder, models, events: count }) {
  const core = load();
  const registry = core.openRegistry(`file:${folder}`, '/');
  for (const content of ['one', 'two'])
    await registry.registerVersion(await registration(core, folder, content));
  const events = [...(await registry.events(first))];
  const digests = events.map(({ digest }) => digest);
  while (events.length < count) {
    const turn = Math.floor((count - events.length - 1) / environments.length);
    const version = 2 - (turn % 2);
    const event = {
      type: 'deployed',
      at: new Date(Date.UTC(2026, 10, 1) + events.length * 60_000).toISOString(),
      actor: 'ci-bot',
      reason: 'the nightly training is better than what serves',
      environment: environments[events.length % environments.length],
      version,
      digest: digests[version - 1],
    };
    events.push(core.chainEvent(events.at(-1), event));
  }
  const log = events.map(core.formatEvent).join('');
  const known = events.slice(0, events.length - (events.length % SNAPSHOT_EVERY));
  const position = await positionAfter(core, folder, known);
  for (const model of models) {
    await mkdir(join(folder, 'models', model), { recursive: true });
    await writeFile(logOf(folder, model), log);
    const summary = core.summaryAfter(core.emptySummary(model), known);
    const snapshot = core.formatSnapshot({ schemaVersion: 1, position, summary });
    await writeFile(join(folder, 'models', model, 'state.json'), snapshot);
  }
  return { bytes: log.length };
}

/** As in core: whoever records an event whose number is a multiple of it writes a snapshot. */
const SNAPSHOT_EVERY = 16;

async function positionAfter(core, folder, events) {
  await writeFile(logOf(folder, first), events.map(core.formatEvent).join(''));
  return (await new core.FileRegistryDriver(folder).readEvents(first)).end;
}

async function registration(core, folder, content) {
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${content}.onnx`);
  await writeFile(file, content);
  const sha256 = core.sha256OfBytes(content);
  const rows = { dataset: 'flights', split: 'train', sha256: core.sha256OfBytes('rows'), rows: 3 };
  return {
    model: first,
    files: { 'model.onnx': file },
    manifest: {
      version: 1,
      model: first,
      task: 'regression',
      file: { sha256, size: content.length },
      features: [{ name: 'distance', type: 'number' }],
      target: 'delay',
      inputLayout: 'matrix',
      inputs: [{ name: 'x', type: 'float32', shape: [-1, 1] }],
      outputs: [{ name: 'y', type: 'float32', shape: [-1, 1] }],
      scoreOutput: 'y',
      datasets: { train: rows },
    },
    metrics: { rmse: 1.5 },
    gates: {
      version: 2,
      model: first,
      modelSha256: sha256,
      evaluationSha256: core.sha256OfBytes('evaluation'),
      passed: true,
      verdict: 'pass',
      gates: [],
      baselines: [],
    },
    provenance: {},
    actor: 'bench',
  };
}
