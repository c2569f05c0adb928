import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tmp from 'tmp';
import { inferFields } from './infer-fields';

tmp.setGracefulCleanup();

const penguins = join(__dirname, '../../../../../node_modules/vega-datasets/data/penguins.json');

describe('inferFields', () => {
  const write = (name: string, content: string) => {
    const file = join(tmp.dirSync({ unsafeCleanup: true }).name, name);
    writeFileSync(file, content);
    return file;
  };

  it('reads names and types, and requires what never was missing', async () => {
    const { rows, fields } = await inferFields(penguins);
    expect(rows).toBe(344);
    expect(fields).toContainEqual({ name: 'Species', type: 'string', constraints: { required: true } });
    expect(fields).toContainEqual({ name: 'Beak Length (mm)', type: 'number' });
    expect(fields).toContainEqual({ name: 'Body Mass (g)', type: 'integer' });
  });

  it('requires nothing on the word of a few rows', async () => {
    const { fields } = await inferFields(write('few rows.csv', 'a,b\n1,2001-01-01\n'));
    expect(fields).toEqual([
      { name: 'a', type: 'integer' },
      { name: 'b', type: 'date' },
    ]);
  });

  it('fixes codes with leading zeros as text, for a file without one would be numbers', async () => {
    const { fields, types } = await inferFields(
      write('codes.csv', 'zip,zero,name\n01234,0,a1\n99999,10,2\n'),
    );
    expect(types).toEqual({ zip: 'string' });
    expect(fields.map(({ type }) => type)).toEqual(['string', 'integer', 'string']);
  });

  it('sets nested columns aside', async () => {
    const { fields, unusable } = await inferFields(write('nested.jsonl', '{"a":1,"b":{"c":2},"d":[1]}\n'));
    expect(fields.map(({ name }) => name)).toEqual(['a']);
    expect(unusable.map(({ name }) => name)).toEqual(['b', 'd']);
  });

  it.each([
    ['an unknown extension', 'x.dat', 'a\n1\n', 'MLOPS_SOURCE_FORMAT'],
    ['an empty file', 'x.csv', '', 'MLOPS_SOURCE_BROKEN'],
    ['a broken file', 'x.parquet', 'not parquet', 'MLOPS_SOURCE_BROKEN'],
    ['broken JSON', 'x.jsonl', '{"a":1}\n{"a":\n', 'MLOPS_SOURCE_BROKEN'],
  ])('names %s', async (_, name, content, code) => {
    const file = write(name, content);
    await expect(inferFields(file)).rejects.toMatchObject({ code, location: { file } });
  });
});
