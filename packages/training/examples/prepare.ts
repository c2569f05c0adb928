import { runPrepare } from '@nx-mlops/training';

runPrepare(async (run) => {
  // Set it under "prepare.params" in dataset.config.json.
  const { shortest } = run.params({ shortest: 100 });

  await run.withDatabase(async (db) => {
    await db.run('CREATE TABLE flights (month BIGINT, route VARCHAR, distance BIGINT)');
    const appender = await db.createAppender('flights');
    const { rows } = await db
      .runAndReadAll(`SELECT month, origin, dest, distance FROM ${run.table('raw')}`)
      .then((reader) => ({ rows: reader.getRows() as [bigint, string, string, bigint][] }));
    for (const [month, origin, dest, distance] of rows) {
      if (distance < shortest) continue;
      appender.appendBigInt(month);
      appender.appendVarchar([origin, dest].sort().join('-'));
      appender.appendBigInt(distance);
      appender.endRow();
    }
    appender.closeSync();
    await run.save(db, 'FROM flights');
  });
});
