import type { RankingSample } from './sample';

/** Rows of a query with the same score, which stand in any order. */
export interface TieGroup {
  /** Rows of the query with a higher score. */
  readonly above: number;
  readonly rows: number;
  /** Of them with a relevance above 0. */
  readonly relevant: number;
  /** Sum of their relevance. */
  readonly gain: number;
}

/** The rows of a query in the order of the model. */
export interface RankedQuery {
  /** Mean weight of its rows. */
  readonly weight: number;
  /** By falling score. */
  readonly groups: readonly TieGroup[];
  /** Of all its rows, the largest first: the best order that there is. */
  readonly idealRelevance: Float64Array;
  readonly relevant: number;
}

/** @returns in the order in which the queries first occur */
export function rankedQueries(sample: RankingSample): RankedQuery[] {
  return [...rowsByQuery(sample.queries).values()].map((rows) => rankQuery(sample, rows));
}

function rowsByQuery(queries: Uint32Array): Map<number, number[]> {
  const found = new Map<number, number[]>();
  queries.forEach((query, row) => {
    const rows = found.get(query);
    if (rows === undefined) found.set(query, [row]);
    else rows.push(row);
  });
  return found;
}

function rankQuery({ scores, relevance, weights }: RankingSample, rows: number[]): RankedQuery {
  const relevanceOf = (row: number) => relevance[row] as number;
  const scoreOf = (row: number) => scores[row] as number;
  rows.sort((a, b) => scoreOf(b) - scoreOf(a));
  const groups: { above: number; rows: number; relevant: number; gain: number }[] = [];
  let last: (typeof groups)[number] | undefined;
  rows.forEach((row, above) => {
    if (last === undefined || scoreOf(row) !== scoreOf(rows[above - 1] as number)) {
      last = { above, rows: 0, relevant: 0, gain: 0 };
      groups.push(last);
    }
    last.rows++;
    if (relevanceOf(row) > 0) last.relevant++;
    last.gain += relevanceOf(row);
  });
  return {
    weight:
      weights === undefined ? 1 : rows.reduce((sum, row) => sum + (weights[row] as number), 0) / rows.length,
    groups,
    idealRelevance: Float64Array.from(rows, relevanceOf).sort().reverse(),
    relevant: groups.reduce((sum, { relevant }) => sum + relevant, 0),
  };
}
