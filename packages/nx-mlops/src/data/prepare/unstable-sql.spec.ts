import { unstableParts } from './unstable-sql';

describe('unstableParts', () => {
  it.each([
    ['SELECT random() FROM t', ['random()']],
    ['SELECT RANDOM ( ), now()', ['random()', 'now()']],
    ['SELECT * FROM t WHERE date < current_date', ['current_date']],
    ['SELECT * FROM t USING SAMPLE 10%', ['a sample without REPEATABLE (seed)']],
    ['SELECT * FROM t TABLESAMPLE reservoir(10) REPEATABLE (7)', []],
    ['SELECT \'random()\' AS "now()" -- uuid()\n FROM t /* today() */', []],
    ['SELECT now, random FROM t', []],
    ['SELECT my_random() FROM t', []],
  ])('finds in %j: %j', (sql, parts) => {
    expect(unstableParts(sql)).toEqual(parts);
  });
});
