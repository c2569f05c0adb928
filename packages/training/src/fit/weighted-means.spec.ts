import { WeightedMeans } from './weighted-means';

describe('WeightedMeans', () => {
  test('weighs each batch by its rows, and starts over when taken', () => {
    const means = new WeightedMeans();
    means.add({ loss: 1 }, 30);
    means.add({ loss: 4 }, 10);
    expect(means.take()).toEqual({ loss: 1.75 });
    means.add({ loss: 2 }, 5);
    expect(means.take()).toEqual({ loss: 2 });
    expect(means.take()).toEqual({});
  });

  test('goes on from its state', () => {
    const means = new WeightedMeans();
    means.add({ loss: 1 }, 30);
    const resumed = WeightedMeans.from(means.state);
    resumed.add({ loss: 4 }, 10);
    expect(resumed.take()).toEqual({ loss: 1.75 });
    expect(means.take()).toEqual({ loss: 1 });
  });
});
