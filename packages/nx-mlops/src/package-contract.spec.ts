import Ajv from 'ajv';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as plugin from './';

const packageFolder = join(__dirname, '..');

interface Schema {
  readonly title?: string;
  readonly description?: string;
  readonly version?: number;
  readonly additionalProperties?: boolean;
  readonly properties: Readonly<Record<string, { readonly description?: string }>>;
  readonly required?: readonly string[];
}

interface Entry {
  readonly kind: 'executors' | 'generators';
  readonly name: string;
  /** Below dist, without an ending. */
  readonly implementation: string;
  readonly schema: string;
  readonly description: string;
}

const read = (file: string) => readFileSync(join(packageFolder, file), 'utf8');

function entries(kind: Entry['kind']): Entry[] {
  const listed = JSON.parse(read(`${kind}.json`))[kind] as Record<
    string,
    { implementation?: string; factory?: string; schema: string; description: string }
  >;
  return Object.entries(listed).map(([name, { implementation, factory, schema, description }]) => ({
    kind,
    name,
    implementation: implementation ?? factory ?? '',
    schema,
    description,
  }));
}

/** The source of what the package has below dist. */
const source = (path: string) => path.replace('./dist/', 'src/');
const all = [...entries('executors'), ...entries('generators')];
const cases = all.map((entry): [string, Entry] => [`${entry.kind}/${entry.name}`, entry]);

describe('what the package lists', () => {
  it.each(['executors', 'generators'] as const)('is every folder of src/%s that has a schema', (kind) => {
    const folders = readdirSync(join(packageFolder, 'src', kind), { withFileTypes: true })
      .filter(
        (item) =>
          item.isDirectory() && existsSync(join(packageFolder, 'src', kind, item.name, 'schema.json')),
      )
      .map(({ name }) => name);
    expect(
      entries(kind)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(folders.sort());
  });

  describe.each(cases)('%s', (_, entry) => {
    const schema = () => JSON.parse(read(source(entry.schema))) as Schema;

    it('has an implementation with a default export', () => {
      const text = read(`${source(entry.implementation)}.ts`);
      expect(text).toMatch(/export default /);
    });

    it('has a schema that compiles and describes itself', () => {
      // Nx names a dialect of its own, which Ajv does not have.
      const body = { ...schema(), $schema: undefined, $id: undefined };
      expect(() => new Ajv({ strict: false, validateFormats: false }).compile(body)).not.toThrow();
      expect(body).toMatchObject({
        title: expect.stringMatching(/./),
        description: expect.stringMatching(/./),
        additionalProperties: false,
      });
      if (entry.kind === 'executors') expect(body.version).toBe(2);
      expect(entry.description).toMatch(/\.$/);
    });

    it('has a sentence on every property', () => {
      const undescribed = Object.entries(schema().properties)
        .filter(([, { description = '' }]) => description.length < 10)
        .map(([name]) => name);
      expect(undescribed).toEqual([]);
    });

    it('has the same properties in schema.json and in schema.d.ts, with the same ones required', () => {
      const { properties, required = [] } = schema();
      const declared = declaredProperties(read(source(entry.schema).replace(/\.json$/, '.d.ts')));
      expect([...declared.keys()].sort()).toEqual(Object.keys(properties).sort());
      expect(
        [...declared]
          .filter(([, optional]) => !optional)
          .map(([name]) => name)
          .sort(),
      ).toEqual([...required].sort());
    });
  });
});

describe('the plugin', () => {
  it('exports what Nx looks for', () => {
    expect(plugin).toMatchObject({
      name: 'nx-mlops',
      createNodes: ['**/{model,dataset}.config.json', expect.any(Function)],
      createDependencies: expect.any(Function),
    });
    // A hook before tasks would start the plugin's worker anew for each nx command, 0.2 s with the daemon on.
    expect(plugin).not.toHaveProperty('preTasksExecution');
    // With a default export that holds a hook, Nx would take nothing but that.
    expect(plugin).not.toHaveProperty('default');
  });

  it('loads neither the schemas nor anything native with its entry', () => {
    jest.isolateModules(() => {
      const loaded: string[] = [];
      for (const heavy of ['zod', '@nx/devkit', '@nx-mlops/core', '@duckdb/node-api', 'onnxruntime-node']) {
        jest.doMock(heavy, () => {
          loaded.push(heavy);
          return {};
        });
      }
      jest.requireActual('./');
      expect(loaded).toEqual([]);
      // The same watch does notice a module that loads them.
      jest.requireActual('./graph/check-references');
      expect(loaded).toEqual(['@nx-mlops/core']);
    });
  });
});

describe('what a result depends on', () => {
  it('is a DuckDB of one version: with another, prepare may write other bytes', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    // Before another version goes in here: do prepare and validate give the same bytes with it? If not, raise CONTRACT
    // in graph/targets/prepare.ts and validate.ts, and say so in the changelog.
    expect(dependencies['@duckdb/node-api']).toBe('1.5.6-r.1');
  });
});

/** Properties of the first interface of a declaration file, each with whether it is optional. */
function declaredProperties(text: string): Map<string, boolean> {
  const body = /export interface \w+ \{([\s\S]*?)\n?\}/.exec(text)?.[1] ?? '';
  const withoutComments = body.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  return new Map(
    [...withoutComments.matchAll(/^\s*(?:readonly )?['"]?([\w-]+)['"]?(\?)?:/gm)].map((match) => [
      match[1] ?? '',
      match[2] === '?',
    ]),
  );
}
