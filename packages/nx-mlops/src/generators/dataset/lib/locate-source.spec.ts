import { sourceName } from './locate-source';

describe('sourceName', () => {
  it.each([
    ['data/flights.parquet', 'flights'],
    ['data/2001 Flights.csv.gz', 'data_2001_flights'],
    ['C:\\data\\Köln-2.csv', 'ko_ln_2'],
    ['../raw data/*.csv', 'raw_data'],
    ['**/*.csv', 'data'],
    ['数据.csv', 'data'],
  ])('of %j is %j', (source, name) => {
    expect(sourceName(source)).toBe(name);
  });
});
