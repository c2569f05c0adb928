import { loadFixture } from '../testing/load-fixture';

describe('loadModel', () => {
  it('predicts P(positive) of a columns model, a missing string taken as empty', async () => {
    const model = await loadFixture('columns-binary-n');
    const scores = await model.predict({
      rows: 3,
      columns: { amount: Float32Array.of(0, -1, 2), origin: [null, 'JFK', 'LAX'] },
    });
    expect(Array.from(scores)).toEqual([0.5, 0.5, expect.closeTo(1 / (1 + Math.exp(-4)))]);
  });
});
