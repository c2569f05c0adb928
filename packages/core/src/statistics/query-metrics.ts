import type { RankedQuery } from './ranked-queries';

/*
 * Figures of one query. Rows with equal scores count by the mean over all their orders, which has a closed form: F.
 * McSherry and M. Najork, Computing information retrieval performance measures efficiently in the presence of tied
 * scores, ECIR 2008. So none depends on the order of the rows, and a constant score is worth what a random order is.
 *
 * A query without a relevant row counts 0, as in scikit-learn and trec_eval: no order could do better.
 */

/**
 * Normalised discounted cumulative gain of the first k, with the relevance itself as gain and log2(1 + rank) as
 * discount: scikit-learn's `ndcg_score`.
 *
 * @returns in [0, 1]
 */
export function ndcg({ groups, idealRelevance, relevant }: RankedQuery, k: number): number {
  if (relevant === 0) return 0;
  let gained = 0;
  for (const { above, rows, gain } of groups) {
    if (above >= k) break;
    let discounts = 0;
    for (let rank = above; rank < Math.min(k, above + rows); rank++) discounts += discountAt(rank);
    gained += (gain / rows) * discounts;
  }
  let ideal = 0;
  for (let rank = 0; rank < Math.min(k, idealRelevance.length); rank++) {
    ideal += (idealRelevance[rank] as number) * discountAt(rank);
  }
  return gained / ideal;
}

/** @param rank from 0 */
function discountAt(rank: number): number {
  return 1 / Math.log2(rank + 2);
}

/**
 * Sum of the precision at each relevant row among the first k, over the number of relevant rows of the query: trec_eval's
 * `map_cut`. So it stays below 1 where there are more than k relevant rows.
 *
 * @returns in [0, 1]
 */
export function averagePrecisionAt({ groups, relevant: all }: RankedQuery, k: number): number {
  if (all === 0) return 0;
  let found = 0;
  let sum = 0;
  for (const { above, rows, relevant } of groups) {
    if (above >= k) break;
    // Of a relevant row at a place of the group: the share of the group's others that are relevant.
    const others = rows === 1 ? 0 : (relevant - 1) / (rows - 1);
    if (relevant > 0) {
      for (let place = 0; place < Math.min(rows, k - above); place++) {
        sum += ((relevant / rows) * (found + 1 + place * others)) / (above + place + 1);
      }
    }
    found += relevant;
  }
  return sum / all;
}

/**
 * One over the rank of the first relevant row: trec_eval's `recip_rank`.
 *
 * @returns in [0, 1]
 */
export function reciprocalRank({ groups }: RankedQuery): number {
  const first = groups.find(({ relevant }) => relevant > 0);
  if (first === undefined) return 0;
  const { above, rows, relevant } = first;
  let sum = 0;
  // That the first relevant row of the group is at this place.
  let probability = relevant / rows;
  for (let place = 0; place <= rows - relevant; place++) {
    sum += probability / (above + place + 1);
    probability *= (rows - relevant - place) / (rows - place - 1);
  }
  return sum;
}

/**
 * Share of the query's relevant rows that are among the first k: trec_eval's `recall`.
 *
 * @returns in [0, 1]
 */
export function recallAt({ groups, relevant: all }: RankedQuery, k: number): number {
  if (all === 0) return 0;
  let found = 0;
  for (const { above, rows, relevant } of groups) {
    if (above >= k) break;
    found += relevant * Math.min(1, (k - above) / rows);
  }
  return found / all;
}

/**
 * Whether a relevant row is among the first k, 1 or 0: trec_eval's `success`. Between them where ties decide it.
 *
 * @returns in [0, 1]
 */
export function hitAt({ groups }: RankedQuery, k: number): number {
  const first = groups.find(({ relevant }) => relevant > 0);
  if (first === undefined || first.above >= k) return 0;
  const { above, rows, relevant } = first;
  // That none of the places of the group above the cutoff holds a relevant row.
  let missed = 1;
  for (let place = 0; place < Math.min(rows, k - above); place++) {
    missed *= Math.max(0, rows - relevant - place) / (rows - place);
  }
  return 1 - missed;
}
