import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  MlopsError,
  modelConfigSchema,
  modelManifestSchema,
  readManifest,
  runContextSchema,
  runRecordSchema,
  type ModelConfig,
} from '@nx-mlops/core';
import tmp from 'tmp';
import { sqlString, withDuckDb } from '../data/duckdb';
import { isAlive } from './abandoned-folders';
import { trainModel, type TrainingRequest } from './train';

tmp.setGracefulCleanup();

/** A sound model: inputs amount (number) and origin (string), one score a row. See tools/golden. */
const soundModel = join(__dirname, '../../../runtime/src/fixtures/columns-binary-n.onnx');
/** Of other inputs: one numeric input of two columns, no origin. */
const otherModel = join(__dirname, '../../../runtime/src/fixtures/matrix-regression.onnx');

const trainRows = join(tmp.dirSync({ unsafeCleanup: true }).name, 'rows.parquet');
beforeAll(() =>
  withDuckDb({}, async (connection) => {
    const rows = `(VALUES (1.5, 'JFK', 'yes'), (2.5, NULL, 'no'), (NULL, 'LAX', 'no'), (0, 'JFK', NULL))`;
    await connection.run(
      `COPY (SELECT * FROM ${rows} AS t(amount, origin, late)) TO ${sqlString(trainRows)} (FORMAT parquet)`,
    );
  }),
);

const leaveModel = (model = soundModel) =>
  `require('fs').copyFileSync(${JSON.stringify(model)}, require('path').join(context.outputDir, 'model.onnx'));`;
const readContext = `const context = JSON.parse(require('fs').readFileSync(process.env.MLOPS_RUN, 'utf8'));`;
/** Says that it runs, so that a test can wait for it, and never ends by itself. */
const forever = `require('fs').writeFileSync('started', String(process.pid)); setInterval(() => {}, 1000);`;

interface Bench {
  readonly folder: string;
  readonly printed: string[];
  readonly request: TrainingRequest;
  readonly abort: AbortController;
  readonly script: (text: string, name?: string) => void;
}

function bench(changes: Partial<ModelConfig['training']> & { task?: string } = {}): Bench {
  const workspaceRoot = join(tmp.dirSync({ unsafeCleanup: true }).name, 'a workspace');
  const folder = join(workspaceRoot, 'ml', 'late flights');
  mkdirSync(folder, { recursive: true });
  const { task = 'binary-classification', ...training } = changes;
  const config = modelConfigSchema.parse({
    task,
    datasets: { train: 'flights:train', test: 'flights:test' },
    features: ['amount', 'origin'],
    target: 'late',
    training: {
      ...(training.command === undefined ? { entry: 'train.js' } : {}),
      params: { epochs: 2 },
      seed: 7,
      ...training,
    },
  });
  copyFileSync(trainRows, join(workspaceRoot, 'train.parquet'));
  const printed: string[] = [];
  const abort = new AbortController();
  const request: TrainingRequest = {
    project: { workspaceRoot, name: 'late-flights', root: 'ml/late flights', folder },
    config,
    splits: {
      train: {
        path: join(workspaceRoot, 'train.parquet'),
        manifest: {
          version: 1,
          dataset: 'flights',
          split: 'train',
          file: { sha256: 'a'.repeat(64), size: 10 },
          rows: 100,
          columns: [
            { name: 'amount', type: 'number' },
            { name: 'origin', type: 'string' },
            { name: 'late', type: 'string' },
          ],
        },
      },
    },
    env: { PATH: process.env['PATH'] },
    signal: abort.signal,
    print: (line) => printed.push(line),
    grace: 700,
  };
  const script = (text: string, name = 'train.js') =>
    writeFileSync(join(folder, name), `${readContext}\n${text}\n`);
  return { folder, printed, request, abort, script };
}

const outputs = (folder: string) => join(folder, '.mlops', 'model');

/** What lies in `.mlops` but the result and the checkpoints: must be nothing once a training has ended. */
function leftovers(folder: string): string[] {
  const root = join(folder, '.mlops');
  return [
    ...readdirSync(root).filter((name) => name !== 'model' && name !== 'checkpoints'),
    ...readdirSync(join(root, 'checkpoints')).filter((name) => name.endsWith('.lock')),
  ];
}

async function failureOf(promise: Promise<unknown>): Promise<MlopsError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof MlopsError)) throw new Error(`expected an MlopsError, got ${String(error)}`);
  return error;
}

async function appears(file: string): Promise<string> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (text !== '') return text;
    await sleep(25);
  }
  throw new Error(`${file} did not appear`);
}

async function ends(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 80; attempt++) {
    if (!isAlive(pid)) return true;
    await sleep(25);
  }
  return false;
}

describe('a training that ends well', () => {
  it('leaves the model, its manifest, the run record, the log and the curve, and nothing else', async () => {
    const { folder, printed, request, script } = bench();
    script(`
      const log = require('path').join(context.outputDir, 'metrics.jsonl');
      for (let step = 0; step < 3; step++) {
        require('fs').appendFileSync(log, JSON.stringify({ step, steps: 3, loss: 1 / (step + 1), val_loss: 2 }) + '\\n');
      }
      console.log('hello from the script');
      console.error('and a warning');
      ${leaveModel()}
    `);
    const manifest = await trainModel(request);
    expect(readdirSync(outputs(folder)).sort()).toEqual([
      'metrics.jsonl',
      'model.manifest.json',
      'model.onnx',
      'run.json',
      'training-curve.svg',
    ]);
    expect(leftovers(folder)).toEqual([]);
    expect(readdirSync(join(folder, '.mlops', 'checkpoints'))).toEqual([]);
    const file = join(outputs(folder), 'model.manifest.json');
    expect(await readManifest(file, modelManifestSchema, 'train')).toEqual(manifest);
    expect(manifest).toMatchObject({
      model: 'late-flights',
      inputLayout: 'columns',
      classes: ['no', 'yes'],
      features: [
        { name: 'amount', type: 'number' },
        { name: 'origin', type: 'string' },
      ],
      datasets: { train: { dataset: 'flights', split: 'train', sha256: 'a'.repeat(64), rows: 100 } },
    });
    const record = await readManifest(join(outputs(folder), 'run.json'), runRecordSchema, 'train');
    expect(record).toMatchObject({
      seed: 7,
      params: { epochs: 2 },
      finalMetrics: { loss: 1 / 3, val_loss: 2 },
    });
    expect(printed).toEqual(expect.arrayContaining(['hello from the script', 'and a warning']));
    expect(printed.some((line) => line.startsWith('step 3/3  loss 0.3333'))).toBe(true);
  });

  it('gives the same manifest bytes twice, and the second result replaces the first whole', async () => {
    const { folder, request, script } = bench();
    script(`${leaveModel()} require('fs').writeFileSync(context.outputDir + '/first-only.txt', 'x');`);
    await trainModel(request);
    const first = readFileSync(join(outputs(folder), 'model.manifest.json'), 'utf8');
    script(leaveModel());
    await trainModel({ ...request, now: () => new Date(2030, 1, 1) });
    expect(readFileSync(join(outputs(folder), 'model.manifest.json'), 'utf8')).toBe(first);
    expect(readdirSync(outputs(folder))).not.toContain('first-only.txt');
    expect(first).not.toContain(folder);
  });

  it('hands the script a valid run context, its folder, and single-threaded libraries', async () => {
    const { folder, request, script } = bench();
    script(`
      require('fs').writeFileSync('seen.json', JSON.stringify({
        context, cwd: process.cwd(), threads: process.env.OMP_NUM_THREADS, empty: require('fs').readdirSync(context.outputDir),
      }));
      ${leaveModel()}
    `);
    await trainModel({ ...request, env: { ...request.env, OMP_NUM_THREADS: '8' } });
    const seen = JSON.parse(readFileSync(join(folder, 'seen.json'), 'utf8'));
    expect(runContextSchema.parse(seen.context)).toMatchObject({
      params: { epochs: 2 },
      seed: 7,
      threads: 1,
      target: { name: 'late', type: 'string' },
      classes: ['no', 'yes'],
      datasets: { train: { path: join(request.project.workspaceRoot, 'train.parquet'), rows: 100 } },
    });
    expect(seen.context.datasets).not.toHaveProperty('test');
    expect(seen).toMatchObject({ cwd: folder, threads: '1', empty: [] });
  });

  it('runs TypeScript', async () => {
    const { request, script } = bench({ entry: 'train.ts' });
    script(
      `const model: string = ${JSON.stringify(soundModel)}; ${leaveModel()}; enum E { A }; void E.A; void model;`,
      'train.ts',
    );
    expect((await trainModel(request)).model).toBe('late-flights');
  });

  it('runs Python', async () => {
    const { folder, request } = bench({ entry: 'train.py' });
    writeFileSync(
      join(folder, 'train.py'),
      [
        'import json, os, shutil',
        'context = json.load(open(os.environ["MLOPS_RUN"]))',
        `shutil.copy(${JSON.stringify(soundModel)}, os.path.join(context["outputDir"], "model.onnx"))`,
        'open(os.path.join(context["outputDir"], "metrics.jsonl"), "w").write(json.dumps({"step": 0, "loss": float("nan")}) + "\\n")',
      ].join('\n'),
    );
    await trainModel(request);
  });

  it('runs a command without a shell, so that arguments stay what they are', async () => {
    const { folder, request, script } = bench({ command: [process.execPath, 'run.cjs', '$HOME; *'] });
    script(`require('fs').writeFileSync('argument', process.argv[2]); ${leaveModel()}`, 'run.cjs');
    await trainModel(request);
    expect(readFileSync(join(folder, 'argument'), 'utf8')).toBe('$HOME; *');
  });

  it('ends helpers that the script left running', async () => {
    const { folder, request, script } = bench();
    script(`
      const helper = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
      require('fs').writeFileSync('helper', String(helper.pid));
      ${leaveModel()}
      process.exit(0);
    `);
    await trainModel(request);
    expect(await ends(Number(readFileSync(join(folder, 'helper'), 'utf8')))).toBe(true);
  });

  it('warns of a loss that became NaN and of lines that cannot be read', async () => {
    const { printed, request, script } = bench();
    script(`
      require('fs').writeFileSync(context.outputDir + '/metrics.jsonl', '{"step": 0, "loss": 1}\\nnonsense\\n{"step": 1, "loss": NaN}');
      ${leaveModel()}
    `);
    await trainModel(request);
    expect(printed.join('\n')).toMatch(/1 line of metrics.jsonl could not be read and is left out/);
    expect(printed.join('\n')).toMatch(/the last loss is NaN/);
  });
});

describe('a training that fails', () => {
  it.each([
    [
      'exits with 1',
      `console.log('epoch 1'); console.error('boom at row 3'); process.exit(1);`,
      'MLOPS_TRAINING_FAILED',
      /exit code 1\. Its last lines:\n {2}\| epoch 1\n {2}\| boom at row 3/,
    ],
    [
      'throws',
      `throw new Error('no such column');`,
      'MLOPS_TRAINING_FAILED',
      /exit code 1[^]*no such column/,
    ],
    ['says nothing', `process.exit(3);`, 'MLOPS_TRAINING_FAILED', /exit code 3\. It printed nothing/],
    ['leaves no model', `console.log('done');`, 'MLOPS_TRAINING_NO_MODEL', /left no model\.onnx/],
    [
      'leaves it under another name',
      `require('fs').writeFileSync(context.outputDir + '/net.onnx', 'x');`,
      'MLOPS_TRAINING_NO_MODEL',
      /It left net\.onnx instead/,
    ],
    [
      'leaves a folder of that name',
      `require('fs').mkdirSync(context.outputDir + '/model.onnx');`,
      'MLOPS_TRAINING_NO_MODEL',
      /left no model\.onnx/,
    ],
    [
      'leaves garbage',
      `require('fs').writeFileSync(context.outputDir + '/model.onnx', 'garbage');`,
      'MLOPS_MODEL_UNREADABLE',
      /./,
    ],
    [
      'leaves an empty file',
      `require('fs').writeFileSync(context.outputDir + '/model.onnx', '');`,
      'MLOPS_MODEL_UNREADABLE',
      /./,
    ],
    [
      'leaves a model cut short',
      `const b = require('fs').readFileSync(${JSON.stringify(soundModel)}); require('fs').writeFileSync(context.outputDir + '/model.onnx', b.subarray(0, b.length / 2));`,
      'MLOPS_MODEL_UNREADABLE',
      /./,
    ],
    ['leaves a model of other inputs', leaveModel(otherModel), 'MLOPS_MODEL_SIGNATURE', /origin/],
    [
      'is killed',
      `process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000);`,
      'MLOPS_TRAINING_FAILED',
      /killed by SIGKILL, often because memory ran out/,
    ],
    [
      'leaves a helper behind and fails',
      `const h = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' }); require('fs').writeFileSync('started', String(h.pid)); process.exit(4);`,
      'MLOPS_TRAINING_FAILED',
      /exit code 4/,
    ],
  ] as const)('%s: says so, and the former result stays', async (_what, text, code, message) => {
    const { folder, request, script } = bench();
    mkdirSync(outputs(folder), { recursive: true });
    writeFileSync(join(outputs(folder), 'model.onnx'), 'the former model');
    script(text);
    const error = await failureOf(trainModel(request));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(readdirSync(outputs(folder))).toEqual(['model.onnx']);
    expect(readFileSync(join(outputs(folder), 'model.onnx'), 'utf8')).toBe('the former model');
    expect(leftovers(folder)).toEqual([]);
    const helper = join(folder, 'started');
    if (existsSync(helper)) expect(await ends(Number(readFileSync(helper, 'utf8')))).toBe(true);
  });

  it('repeats the last 20 lines only, and no progress bars', async () => {
    const { request, script } = bench();
    script(`
      for (let i = 1; i <= 50; i++) console.log('line ' + i);
      process.stdout.write('10 %\\r20 %\\r30 %\\rlast\\n');
      process.exitCode = 1;
    `);
    const { message } = await failureOf(trainModel(request));
    expect(message.match(/ {2}\| /g)).toHaveLength(20);
    expect(message).toContain('| line 50');
    expect(message).not.toContain('| line 31\n');
    expect(message).not.toContain('20 %');
  });

  it.each([
    [
      'no such program',
      { command: ['no-such-program-here'] },
      'MLOPS_TRAINING_FAILED',
      /no such program on PATH/,
    ],
    [
      'no such entry',
      { entry: 'src/trian.ts' },
      'MLOPS_ENTRY_MISSING',
      /training\.entry: "src\/trian\.ts" is not in ml\/late flights/,
    ],
  ] as const)('%s', async (_what, training, code, message) => {
    const { request } = bench(training as Partial<ModelConfig['training']>);
    const error = await failureOf(trainModel(request));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it('an entry of an unknown kind', async () => {
    const { request, script } = bench({ entry: 'train.R' });
    script('', 'train.R');
    expect((await failureOf(trainModel(request))).code).toBe('MLOPS_ENTRY_UNKNOWN');
  });

  it('never starts the script when the data does not fit the config', async () => {
    const { folder, request, script } = bench();
    script(`require('fs').writeFileSync('started', '1');`);
    const config = { ...request.config, features: ['amount', 'orgin'] };
    const error = await failureOf(trainModel({ ...request, config }));
    expect(error.message).toBe(
      'ml/late flights/model.config.json: features[1]: flights:train has no column "orgin". Did you mean "origin"?',
    );
    expect(existsSync(join(folder, 'started'))).toBe(false);
  });
});

describe('a training that is stopped', () => {
  it.each([
    ['goes at SIGTERM', ''],
    ['ignores SIGTERM', `process.on('SIGTERM', () => {}); process.on('SIGINT', () => {});`],
    [
      'has a helper',
      `const h = require('child_process').spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'], { stdio: 'inherit' }); require('fs').writeFileSync('helper', String(h.pid));`,
    ],
  ])('leaves no process behind when the script %s', async (_what, text) => {
    const { folder, request, abort, script } = bench();
    script(`${text} ${forever}`);
    const training = failureOf(trainModel(request));
    const pid = Number(await appears(join(folder, 'started')));
    abort.abort(new MlopsError('MLOPS_INTERRUPTED', 'Stopped by SIGINT.'));
    expect((await training).code).toBe('MLOPS_INTERRUPTED');
    expect(await ends(pid)).toBe(true);
    const helper = join(folder, 'helper');
    if (existsSync(helper)) expect(await ends(Number(readFileSync(helper, 'utf8')))).toBe(true);
    expect(leftovers(folder)).toEqual([]);
    expect(existsSync(outputs(folder))).toBe(false);
  });

  it('is stopped at its time limit, and told so', async () => {
    const { folder, request, script } = bench({ timeoutMinutes: 0.5 / 60 });
    script(forever);
    const error = await failureOf(trainModel(request));
    expect(error.message).toMatch(/was stopped after 0\.00833\d* minutes, as training\.timeoutMinutes says/);
    expect(await ends(Number(readFileSync(join(folder, 'started'), 'utf8')))).toBe(true);
  });

  it('does not start when it was stopped before', async () => {
    const { folder, request, abort, script } = bench();
    script(forever);
    abort.abort(new MlopsError('MLOPS_INTERRUPTED', 'Stopped.'));
    expect((await failureOf(trainModel(request))).code).toBe('MLOPS_INTERRUPTED');
    expect(existsSync(join(folder, 'started'))).toBe(false);
  });
});

describe('checkpoints', () => {
  const saves = `
    const fs = require('fs'); const saved = context.checkpointDir + '/state';
    fs.appendFileSync('offered', fs.existsSync(saved) ? 'yes ' : 'no ');
    if (!fs.existsSync(saved)) { fs.writeFileSync(saved, '1'); process.exit(1); }
    ${leaveModel()}
  `;
  const offered = (folder: string) => readFileSync(join(folder, 'offered'), 'utf8').trim();

  it('of an interrupted run are offered to the next one and removed after success', async () => {
    const { folder, printed, request, script } = bench();
    script(saves);
    await failureOf(trainModel(request));
    await trainModel(request);
    expect(offered(folder)).toBe('no yes');
    expect(printed.join('\n')).toContain('left checkpoints; they are offered again');
    expect(readdirSync(join(folder, '.mlops', 'checkpoints'))).toEqual([]);
  });

  it.each([
    [
      'the data',
      (r: TrainingRequest) => ({
        ...r,
        splits: {
          train: {
            ...r.splits.train,
            manifest: { ...r.splits.train.manifest, file: { sha256: 'b'.repeat(64), size: 10 } },
          },
        },
      }),
    ],
    [
      'a parameter',
      (r: TrainingRequest) => ({
        ...r,
        config: { ...r.config, training: { ...r.config.training, params: { epochs: 3 } } },
      }),
    ],
    [
      'the seed',
      (r: TrainingRequest) => ({
        ...r,
        config: { ...r.config, training: { ...r.config.training, seed: 8 } },
      }),
    ],
    ['what Nx keys the task by', (r: TrainingRequest) => ({ ...r, env: { ...r.env, NX_TASK_HASH: '42' } })],
  ])('are not offered when %s has changed', async (_what, change) => {
    const { folder, request, script } = bench();
    script(saves);
    await failureOf(trainModel(request));
    await failureOf(trainModel(change(request)));
    expect(offered(folder)).toBe('no no');
  });

  it('are not offered when the entry has changed', async () => {
    const { folder, request, script } = bench();
    script(saves);
    await failureOf(trainModel(request));
    script(`${saves} // another learning rate`);
    await failureOf(trainModel(request));
    expect(offered(folder)).toBe('no no');
  });

  it('are not shared by two runs at once, and both end well', async () => {
    const { folder, request, script } = bench();
    script(`
      require('fs').appendFileSync('folders', context.checkpointDir + '\\n');
      setTimeout(() => { ${leaveModel()} }, 400);
    `);
    await Promise.all([trainModel(request), trainModel(request)]);
    expect(new Set(readFileSync(join(folder, 'folders'), 'utf8').trim().split('\n')).size).toBe(2);
    expect(readdirSync(outputs(folder))).toContain('model.manifest.json');
    expect(leftovers(folder)).toEqual([]);
  });
});
