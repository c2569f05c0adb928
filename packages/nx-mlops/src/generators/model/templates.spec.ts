import type { Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { join } from 'node:path';
import ts from 'typescript';
import modelGenerator from './generator';
import type { TemplateTask } from './lib/propose-columns';

const repository = join(__dirname, '../../../../..');

const dataset = {
  sources: { rows: { path: 'rows.csv' } },
  splits: { train: { fraction: 0.6 }, validation: { fraction: 0.2 }, test: { fraction: 0.2 } },
  schema: {
    fields: [
      { name: 'size', type: 'number' },
      { name: 'place', type: 'string' },
      { name: 'good', type: 'boolean' },
    ],
  },
};

const targets: Record<TemplateTask, string> = {
  'binary-classification': 'good',
  'multiclass-classification': 'place',
  regression: 'size',
};

describe('the generated scripts', () => {
  beforeAll(() => jest.spyOn(console, 'info').mockImplementation(() => {}));
  afterAll(() => jest.restoreAllMocks());

  it.each(Object.entries(targets) as [TemplateTask, string][])(
    'for %s have no type error, under the tsconfig that comes with them',
    async (task, target) => {
      const tree = createTreeWithEmptyWorkspace();
      tree.write('rows/dataset.config.json', JSON.stringify(dataset));
      await modelGenerator(tree, { name: 'model', task, target, skipFormat: true });
      expect(typeErrors(tree, 'model')).toEqual([]);
    },
    60_000,
  );

  it('of the sample have no type error', async () => {
    const tree = createTreeWithEmptyWorkspace();
    await modelGenerator(tree, { name: 'demo', sample: true, skipFormat: true });
    expect(typeErrors(tree, 'demo')).toEqual([]);
  }, 60_000);
});

/** Declarations are parsed once for all compilations. */
const sourceFiles = new Map<string, ts.SourceFile | undefined>();

/** Compiles the scripts of a project in the tree, with our packages from their sources. */
function typeErrors(tree: Tree, project: string): string[] {
  // Beside our own sources, so that the packages they import are found; nothing is written there.
  const folder = join(repository, 'packages/nx-mlops/rendered');
  const scripts = new Map(
    tree
      .children(`${project}/src`)
      .map((file) => [join(folder, 'src', file), tree.read(`${project}/src/${file}`, 'utf-8') ?? '']),
  );
  const { config } = ts.parseConfigFileTextToJson(
    'tsconfig.json',
    tree.read(`${project}/tsconfig.json`, 'utf-8') ?? '',
  );
  const { options, errors } = ts.convertCompilerOptionsFromJson(config.compilerOptions, folder);
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  const parsed = (file: string, version: ts.ScriptTarget | ts.CreateSourceFileOptions) => {
    if (!sourceFiles.has(file)) sourceFiles.set(file, getSourceFile(file, version));
    return sourceFiles.get(file);
  };
  host.fileExists = (file) => scripts.has(file) || fileExists(file);
  host.readFile = (file) => scripts.get(file) ?? readFile(file);
  host.getSourceFile = (file, version) => {
    const text = scripts.get(file);
    return text === undefined ? parsed(file, version) : ts.createSourceFile(file, text, version);
  };
  const program = ts.createProgram({
    rootNames: [...scripts.keys()],
    options: {
      ...options,
      typeRoots: [join(repository, 'node_modules/@types')],
      paths: { '@nx-mlops/*': [join(repository, 'packages/*/src/index.ts')] },
    },
    host,
  });
  const found = [...scripts.keys()].flatMap((file) => {
    const script = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(script), ...program.getSemanticDiagnostics(script)];
  });
  return [...errors, ...program.getOptionsDiagnostics(), ...found].map((diagnostic) => {
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n');
    return `${diagnostic.file?.fileName ?? ''}: ${message}`;
  });
}
