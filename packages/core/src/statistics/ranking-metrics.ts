import { checkFinite, checkRelevance, checkSameLength, checkWeights } from './check-input';
import { once, type MetricFunctions } from './measure';
import { averagePrecisionAt, hitAt, ndcg, recallAt, reciprocalRank } from './query-metrics';
import { rankedQueries, type RankedQuery } from './ranked-queries';
import type { RankingSample } from './sample';
import { weightedMean } from './weighted-mean';

/**
 * The metrics of a ranking: means over the queries. A query weighs what its rows do on average, so give each row of a
 * query the same weight. Null when there are no queries.
 */
export function rankingMetrics(sample: RankingSample): MetricFunctions<'ranking'> {
  const { scores, relevance, queries, weights } = sample;
  checkSameLength('scores', scores.length, 'relevances', relevance.length);
  checkSameLength('queries', queries.length, 'relevances', relevance.length);
  checkFinite(scores);
  checkRelevance(relevance);
  checkWeights(weights, relevance.length);
  const ranked = once(() => rankedQueries(sample));
  const meanOf = (figure: (query: RankedQuery) => number) => {
    const all = ranked();
    return weightedMean(
      all.length,
      (index) => figure(all[index] as RankedQuery),
      Float64Array.from(all, ({ weight }) => weight),
    );
  };
  return {
    ndcg: (k) => meanOf((query) => ndcg(query, k)),
    map: (k) => meanOf((query) => averagePrecisionAt(query, k)),
    mrr: () => meanOf(reciprocalRank),
    'recall-at-k': (k) => meanOf((query) => recallAt(query, k)),
    'hit-rate': (k) => meanOf((query) => hitAt(query, k)),
  };
}
