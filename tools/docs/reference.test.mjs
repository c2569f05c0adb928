import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { differences } from './generate-reference.mjs';
import { keysOf, typeOf } from './json-schema.mjs';
import { targetPage } from './target-page.mjs';

const tsx = createRequire(import.meta.url)('tsx/cjs/api');

const types = [
  [{ type: 'string' }, 'string'],
  [{ enum: ['a', 'b'] }, '`"a"`, `"b"`'],
  [{ type: ['string', 'number'] }, 'string or number'],
  [{ type: 'array', items: { type: 'string' } }, 'list of string'],
  [{ anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] }, 'string or list of string'],
  [{ type: 'object', additionalProperties: { type: 'number' } }, 'number, by name'],
  [{ type: 'number', minimum: 0, maximum: 1 }, 'number ≥ 0 and ≤ 1'],
  [{ type: 'number', exclusiveMinimum: 0 }, 'number > 0'],
  [{ type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER }, 'integer ≥ 0'],
  [{ $ref: '#/definitions/x' }, 'JSON'],
];
for (const [schema, words] of types) {
  test(`${JSON.stringify(schema)} reads "${words}"`, () => assert.equal(typeOf(schema), words));
}

test('keys are listed at every depth, through lists, names and alternatives', () => {
  const text = { type: 'string' };
  const object = (properties, required) => ({ type: 'object', properties, required });
  const schema = object(
    {
      $schema: text,
      sources: { type: 'object', additionalProperties: object({ path: text }, ['path']) },
      gates: { type: 'array', items: object({ metric: text }, ['metric']) },
      splits: {
        type: 'object',
        additionalProperties: {
          anyOf: [object({ where: text }, ['where']), object({ fraction: { type: 'number', default: 1 } })],
        },
      },
    },
    ['splits'],
  );
  assert.deepEqual(
    keysOf(schema).map(({ key, presence, default: value }) => [key, presence, value]),
    [
      ['sources', 'optional', ''],
      ['sources.<name>.path', 'required', ''],
      ['gates', 'optional', ''],
      ['gates[].metric', 'required', ''],
      ['splits', 'required', ''],
      ['splits.<name>.where', 'either', ''],
      ['splits.<name>.fraction', 'optional', '`1`'],
    ],
  );
});

test('a generator page shows its positional options, and no bar or tag in a description breaks the table', () => {
  const text = targetPage(
    'generator',
    'thing',
    {},
    {
      description: 'Makes a thing.',
      properties: {
        name: { type: 'string', description: 'a | <b> of `<c>`', $default: { $source: 'argv', index: 0 } },
      },
      required: ['name'],
    },
    'schema.json',
  );
  assert.match(text, /nx g nx-mlops:thing <name>/);
  assert.match(text, /\| `--name` \| string \| required \| a \\\| &lt;b> of `<c>` \|/);
});

test('a page that is missing, old or left over is a difference; line endings are none', () => {
  const wanted = new Map([
    ['same.md', 'a\n'],
    ['old.md', 'a\n'],
    ['missing.md', 'a\n'],
  ]);
  const present = new Map([
    ['same.md', 'a\r\n'],
    ['old.md', 'b\n'],
    ['left-over.md', 'a\n'],
  ]);
  assert.deepEqual(differences(wanted, present), [
    'old.md is not up to date',
    'missing.md is missing',
    'left-over.md has no source any more',
  ]);
});

for (const [file, name] of [
  ['model.config.json', 'modelConfigSchema'],
  ['dataset.config.json', 'datasetConfigSchema'],
  ['mlops.json', 'mlopsConfigSchema'],
]) {
  test(`the example of ${file} is valid`, async () => {
    const core = tsx.require('../../packages/core/src/index.ts', import.meta.url);
    const text = await readFile(new URL(`examples/${file}`, import.meta.url), 'utf8');
    core.parseConfig(text, core[name], file);
  });
}
