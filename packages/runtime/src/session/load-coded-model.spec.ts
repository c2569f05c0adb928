import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import type { ColumnValues } from '../column-batch';
import { fixtureFile, fixtureManifest, loadFixture, type FixtureName } from '../testing/load-fixture';
import { withCodedInputs } from './coded-inputs';
import { inspectModel } from './inspect-model';
import { codableFeatures, loadCodedModel } from './load-coded-model';

const withText: readonly FixtureName[] = ['columns-binary-n', 'columns-binary-n1', 'skl2onnx-binary'];

const codedFixture = async (name: FixtureName, values: readonly (string | null)[]) =>
  loadCodedModel({
    file: fixtureFile(name),
    manifest: await fixtureManifest(name),
    dictionaries: { origin: values },
  });

describe('codableFeatures', () => {
  it.each<[FixtureName, readonly string[]]>([
    ['columns-binary-n', ['origin']],
    ['skl2onnx-binary', ['origin']],
    ['columns-mixed', []],
    ['matrix-regression', []],
    ['echo', []],
  ])('of %s are %j', async (name, expected) => {
    expect(codableFeatures(await fixtureManifest(name))).toEqual(expected);
  });
});

describe('a model that takes text by codes', () => {
  it.each(withText)('gives the very scores of %s', async (name) => {
    const plain = await loadFixture(name);
    const known = fc.constantFrom('JFK', 'LAX', '?', 'Zürich', '', null, 'JFK\0', 'LAX\0x', '\0JFK');
    // Text as files hold it: no half of a surrogate pair.
    const text = fc.string({ unit: 'binary' });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.oneof(known, text), { minLength: 1, maxLength: 300 }),
        fc.array(fc.tuple(fc.nat(), fc.float({ noDefaultInfinity: true })), { minLength: 1, maxLength: 50 }),
        async (values, rows) => {
          const codes = rows.map(([at]) => at % values.length);
          const columns: Record<string, ColumnValues> = {
            amount: Float32Array.from(rows, ([, amount]) => amount),
            origin: codes.map((code) => values[code] as string | null),
          };
          const model = await codedFixture(name, values);
          const scores = await model.predict({
            rows: rows.length,
            columns: { ...columns, origin: [] },
            texts: { origin: { codes: Uint16Array.from(codes) } },
          });
          expect([...scores]).toEqual([...(await plain.predict({ rows: rows.length, columns }))]);
          await model.release();
        },
      ),
      { numRuns: 40 },
    );
    await plain.release();
  });

  it('has all that the model had, of the same shape, and codes in the place of text', async () => {
    const name = 'skl2onnx-binary';
    const { session } = await openCoded(name, { origin: ['a'] });
    const { inputs, outputs } = await inspectModel(fixtureFile(name));
    expect(session.outputNames).toEqual(expect.arrayContaining(outputs.map((output) => output.name)));
    expect(session.inputMetadata.map((input) => [input.name, 'type' in input && input.type])).toEqual(
      inputs.map((input) =>
        input.name === 'origin' ? ['origin (codes)', 'int32'] : [input.name, input.type],
      ),
    );
    await session.release();
  });

  it('is byte for byte the model where nothing is coded', async () => {
    const bytes = await readFile(fixtureFile('columns-mixed'));
    expect(Buffer.from(withCodedInputs(bytes, {})).equals(bytes)).toBe(true);
  });

  it('refuses a batch whose text does not come by codes', async () => {
    const model = await codedFixture('columns-binary-n', ['JFK']);
    const batch = { rows: 1, columns: { amount: Float32Array.of(1), origin: ['JFK'] }, texts: {} };
    await expect(model.predict(batch)).rejects.toMatchObject({
      code: 'MLOPS_BATCH_COLUMN',
      message: expect.stringContaining('no codes of "origin"') as string,
    });
    await model.release();
  });

  it('fails for a code that is none', async () => {
    const model = await codedFixture('columns-binary-n', ['JFK']);
    const texts = { origin: { codes: Uint8Array.of(1) } };
    const batch = { rows: 1, columns: { amount: Float32Array.of(1) }, texts };
    await expect(model.predict(batch)).rejects.toMatchObject({ code: 'MLOPS_PREDICTION_FAILED' });
    await model.release();
  });

  it('is refused when the file is not the one of the manifest', async () => {
    const options = {
      file: fixtureFile('plus-2'),
      manifest: await fixtureManifest('plus-1'),
      dictionaries: {},
    };
    await expect(loadCodedModel(options)).rejects.toMatchObject({ code: 'MLOPS_MODEL_CORRUPT' });
  });
});

async function openCoded(name: FixtureName, dictionaries: Record<string, string[]>) {
  const { InferenceSession } = await import('onnxruntime-node');
  const bytes = withCodedInputs(await readFile(fixtureFile(name)), dictionaries);
  return { session: await InferenceSession.create(bytes) };
}
