import { datasetConfigSchema, layout, parseConfig } from '@nx-mlops/core';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inferExpectations } from './infer-expectations';
import { temporaryDataset } from '../temporary-dataset.fixture';
import { validateDataset } from './validate-dataset';

const csv = [
  'flight_id,kind,delay,distance,note',
  ...Array.from({ length: 200 }, (_, index) =>
    [
      index + 1,
      index % 2 === 0 ? 'near' : 'far',
      index - 100,
      index * 10,
      index % 3 === 0 ? '' : `n${index}`,
    ].join(','),
  ),
].join('\n');

const written = `{
    // Why there are two splits: see the README.
    "sources": { "raw": { "path": "x.csv" } },
    "splits": { "train": { "where": "flight_id <= 150" }, "test": { "where": "flight_id > 150" } }, // by time
    "schema": {
        "fields": [
            { "name": "distance", "type": "integer", "constraints": { "maximum": 100000 } },
            { "name": "kind", "type": "string" } // near or far
        ]
    }
}
`;

async function infer(text: string, options = {}) {
  const config = parseConfig(text, datasetConfigSchema, 'x');
  const dataset = temporaryDataset(config, { 'x.csv': csv, [layout.datasetConfig]: text });
  await dataset.lock();
  await dataset.prepare();
  dataset.printed.length = 0;
  const proposals = await inferExpectations(dataset.project, dataset.config, dataset.io, options);
  const after = readFileSync(join(dataset.project.folder, layout.datasetConfig), 'utf8');
  return { dataset, proposals, after };
}

describe('inferExpectations', () => {
  it('adds what the config does not say, and leaves the rest as it was', async () => {
    const { after } = await infer(written);
    for (const line of written
      .split('\n')
      .filter((line) => line.includes('//') && !line.includes('near or far'))) {
      expect(after).toContain(line);
    }
    expect(after).toContain('// near or far');
    expect(after).toContain(
      '{ "name": "distance", "type": "integer", "constraints": { "maximum": 100000 } }',
    );
    const { schema } = parseConfig(after, datasetConfigSchema, 'x');
    expect(schema).toEqual({
      fields: [
        { name: 'distance', type: 'integer', constraints: { maximum: 100000 } },
        { name: 'kind', type: 'string', constraints: { required: true, enum: ['far', 'near'] } },
        { name: 'flight_id', type: 'integer', constraints: { required: true } },
        { name: 'delay', type: 'integer', constraints: { required: true } },
        { name: 'note', type: 'string' },
      ],
      primaryKey: ['flight_id'],
    });
  });

  it('prints what it proposes, and writes nothing in a dry run', async () => {
    const { dataset, after } = await infer(written, { dryRun: true });
    expect(after).toBe(written);
    expect(dataset.printed).toEqual([
      '+ schema.fields: flight_id (integer, required)',
      '+ schema.fields: kind: required, enum far | near',
      '+ schema.fields: delay (integer, required)',
      '+ schema.fields: note (string)',
      '+ schema.primaryKey: flight_id',
      'Proposals only, from train; nothing was written.',
    ]);
  });

  it('makes a schema where there is none, by which the data is valid, and finds nothing new then', async () => {
    const bare = written.replace(/,\s*\/\/ by time[^]*$/, '\n}\n').replace(/ \/\/ Why.*/, '');
    const { dataset, after } = await infer(bare);
    const config = parseConfig(after, datasetConfigSchema, 'x');
    expect(config.schema?.fields.map(({ name }) => name)).toEqual([
      'flight_id',
      'kind',
      'delay',
      'distance',
      'note',
    ]);
    expect(config.schema?.fields[3]?.constraints).toEqual({ required: true, minimum: 0 });
    const { checks } = await validateDataset(dataset.project, config, dataset.io);
    expect(checks.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
    dataset.printed.length = 0;
    expect(await inferExpectations(dataset.project, config, dataset.io)).toEqual([]);
    expect(dataset.printed).toEqual(['ml/late flights/dataset.config.json says all that train suggests.']);
  });
});
