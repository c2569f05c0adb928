import { execFileSync, spawn } from 'node:child_process';
import { readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Workspace } from '../../tools/workspace/create-workspace.mjs';
import { eventually, workspaceFor } from '../support';

/** What goes wrong in the life of a model: each time a clear message, a non-zero exit, and the former result whole. */
describe('when something goes wrong', () => {
  let workspace: Workspace;
  let goodModel: Buffer;
  let goodScript: string;
  let goodConfig: string;

  beforeAll(async () => {
    workspace = await workspaceFor('faults');
    await workspace.mustNx(['g', 'nx-mlops:init']);
    await workspace.mustNx(['g', 'nx-mlops:model', 'demo', '--sample', '--no-interactive']);
    await workspace.commit('A model');
    await workspace.mustNx(['run', 'demo:deploy']);
    goodModel = await readFile(workspace.path('demo/.mlops/model/model.onnx'));
    goodScript = await workspace.read('demo/src/train.ts');
    goodConfig = await workspace.read('demo/model.config.json');
  });
  afterAll(() => workspace.stop());
  afterEach(async () => {
    await workspace.write('demo/src/train.ts', goodScript);
    await workspace.write('demo/model.config.json', goodConfig);
  });

  const former = () => readFile(workspace.path('demo/.mlops/model/model.onnx'));
  const leftovers = async () =>
    (await readdir(workspace.path('demo/.mlops'))).filter((name) => /tmp|old|\.\d/.test(name));

  describe('in training', () => {
    const onnx =
      "const { copyFileSync, writeFileSync, readFileSync } = require('node:fs');\nconst run = JSON.parse(readFileSync(process.env.MLOPS_RUN!, 'utf8'));\n";
    const cases: [title: string, script: string, message: RegExp][] = [
      [
        'exits with a code',
        "console.log('so far so good');\nconsole.error('out of luck');\nprocess.exit(3);\n",
        /3[\s\S]*out of luck|out of luck[\s\S]*3/,
      ],
      ['writes no model', "console.log('all done');\n", /model\.onnx/],
      [
        'writes garbage',
        `${onnx}writeFileSync(run.outputDir + '/model.onnx', 'not a model');\n`,
        /model\.onnx[\s\S]*(load|read)/i,
      ],
      [
        'writes an empty model',
        `${onnx}writeFileSync(run.outputDir + '/model.onnx', '');\n`,
        /model\.onnx[\s\S]*(load|read|empty)/i,
      ],
      ['is killed', "process.kill(process.pid, 'SIGKILL');\nsetTimeout(() => {}, 10_000);\n", /SIGKILL/],
    ];

    it.each(cases)('a script that %s', async (_title, script, message) => {
      await workspace.write('demo/src/train.ts', script);
      const { code, output } = await workspace.nx(['run', 'demo:train']);
      expect(code).not.toBe(0);
      expect(output).toMatch(message);
      expect(await former()).toEqual(goodModel);
      expect(await leftovers()).toEqual([]);
    });

    it('a model that takes other inputs than the features', async () => {
      await workspace.write('other-inputs.onnx', '');
      await writeFile(workspace.path('other-inputs.onnx'), goodModel);
      await workspace.write(
        'demo/src/train.ts',
        `${onnx}copyFileSync(${JSON.stringify(workspace.path('other-inputs.onnx'))}, run.outputDir + '/model.onnx');\n`,
      );
      const dropped = (JSON.parse(goodConfig.replace(/^\s*\/\/.*$/gm, '')) as { features: string[] })
        .features[0]!;
      await workspace.edit('demo/model.config.json', (text) =>
        text.replace(new RegExp(`"${dropped}",\\s*`), ''),
      );
      const { code, output } = await workspace.nx(['run', 'demo:train']);
      expect(code).not.toBe(0);
      expect(output).toContain(dropped);
      expect(await former()).toEqual(goodModel);
    });

    it('Ctrl-C ends the whole process tree', async () => {
      const marker = `e2e-orphan-${process.pid}`;
      await workspace.write(
        'demo/src/train.ts',
        `import { spawn } from 'node:child_process';\nspawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '${marker}'], { stdio: 'ignore' });\nconsole.log('training');\nsetInterval(() => {}, 1000);\n`,
      );
      const running = spawn(
        process.execPath,
        [workspace.path('node_modules/nx/dist/bin/nx.js'), 'run', 'demo:train'],
        {
          cwd: workspace.folder,
          env: { ...process.env, ...workspace.env },
          stdio: ['ignore', 'pipe', 'pipe'],
          detached: true,
        },
      );
      const ended = new Promise<number | null>((resolve) => running.once('close', (code) => resolve(code)));
      running.stdout.resume();
      running.stderr.resume();
      await eventually(async () => (processesNamed(marker).length > 0 ? true : undefined), 60);
      // As a terminal does: to every process of the foreground group.
      process.kill(-running.pid!, 'SIGINT');
      expect(await ended).not.toBe(0);
      await eventually(async () => (processesNamed(marker).length === 0 ? true : undefined), 20);
      expect(await former()).toEqual(goodModel);
      await eventually(async () => ((await leftovers()).length === 0 ? true : undefined), 5);
    });
  });

  describe('in the cache', () => {
    it('a model that was cut short is detected by evaluate and by deploy, and made again with --skip-nx-cache', async () => {
      const model = workspace.path('demo/.mlops/model/model.onnx');
      // The damage is done to Nx's own cache, and the good output taken away: Nx restores the damaged one.
      for (const file of await filesNamed(workspace.path('.nx/cache'), 'model.onnx'))
        await truncate(file, 100);
      await rm(workspace.path('demo/.mlops/model'), { recursive: true });
      const deploy = await workspace.nx(['run', 'demo:deploy']);
      expect(deploy.code).not.toBe(0);
      expect(deploy.output).toMatch(/model\.onnx[\s\S]*--skip-nx-cache/);

      await workspace.edit('demo/model.config.json', (text) =>
        text.replace('"slices": []', '"slices": ["island"]'),
      );
      const evaluate = await workspace.nx(['run', 'demo:evaluate']);
      expect(evaluate.code).not.toBe(0);
      expect(evaluate.output).toMatch(/model\.onnx[\s\S]*--skip-nx-cache/);

      await workspace.mustNx(['run', 'demo:train', '--skip-nx-cache']);
      expect(await readFile(model)).toEqual(goodModel);
      await workspace.mustNx(['run', 'demo:evaluate']);
    });
  });

  describe('in the data', () => {
    it('a file that differs from the lock: prepare names it and both digests', async () => {
      const project = 'demo-data';
      const lock = await workspace.readJson(`${project}/dataset.lock.json`);
      const [file] = Object.values<{ files: { path: string; sha256: string }[] }>(lock.sources)[0]!.files;
      const path = `${project}/${file!.path}`;
      const before = await workspace.read(path);
      await workspace.write(
        path,
        `${before.trimEnd()}\n`.replace(/\d\n/, '9\n').concat(before.trimEnd().split('\n').at(-1)!, '\n'),
      );
      const { code, output } = await workspace.nx(['run', `${project}:prepare`, '--skip-nx-cache']);
      await workspace.write(path, before);
      expect(code).not.toBe(0);
      expect(output).toContain(file!.path);
      expect(output).toContain(file!.sha256);
      expect(output.match(/[0-9a-f]{64}/g)!.length).toBeGreaterThanOrEqual(2);
    });
  });

  describe('in a config', () => {
    const cases: [title: string, edit: (text: string) => string, message: RegExp][] = [
      [
        'an unknown key',
        (text) => text.replace('"training"', '"trainning"'),
        /demo\/model\.config\.json[\s\S]*trainning[\s\S]*"training"/,
      ],
      [
        'an unknown metric',
        (text) => text.replace(/"metric": "[^"]+"/, '"metric": "acuracy"'),
        /acuracy[\s\S]*"accuracy"/,
      ],
      [
        'an unknown dataset',
        (text) => text.replace('"demo-data:train"', '"demo-dta:train"'),
        /demo-dta[\s\S]*demo-data/,
      ],
      ['no JSON', (text) => text.replace('"task":', '"task"'), /demo\/model\.config\.json[\s\S]*line \d+/],
    ];

    it.each(cases)('%s is named with the nearest valid one', async (_title, edit, message) => {
      await workspace.edit('demo/model.config.json', edit);
      const { code, output } = await workspace.nx(['run', 'demo:train']);
      expect(code).not.toBe(0);
      expect(output).toMatch(message);
    });

    it('a broken model leaves the other projects their tasks', async () => {
      await workspace.edit('demo/model.config.json', (text) => text.replace('"task":', '"task"'));
      await workspace.mustNx(['run', 'demo-data:validate']);
      const { output } = await workspace.mustNx(['show', 'projects']);
      expect(output).toMatch(/demo-data/);
    });
  });
});

function processesNamed(marker: string): string[] {
  return execFileSync('ps', ['-eo', 'pid,stat,args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(marker) && !/^\s*\d+\s+Z/.test(line));
}

async function filesNamed(folder: string, name: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name === name)
    .map((entry) => join(entry.parentPath, entry.name));
}
