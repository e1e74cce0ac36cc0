// Trial: how a model does beside the one in force, and how the one in force does with people. Figures for the rules of
// promotion and rollback, for the watch over drift, and for whoever has to approve.
import type { Store } from '../projections/tables/store.ts';

/** How a model tried beside an agreement decided, against the one in force. */
export interface Trial {
  /** Obligations that both decided, since the model was put beside. */
  readonly obligations: number;
  /** Of these: other verdict or other amount. */
  readonly differences: number;
  /** Differences where people hold the model beside right. */
  readonly excused: number;
  /** Minor units that each would have paid. */
  readonly amountActive: number;
  readonly amountShadow: number;
  /** Labelled decisions among them, and how many each got right by the people's word. */
  readonly labels: number;
  readonly rightActive: number;
  readonly rightShadow: number;
}

/** The newest word on each decision counts; what is said of a row alone says nothing of the decision. */
const LABELLED = `labelled AS (
  SELECT decision, arg_max(assessment, leaf) AS assessment, arg_max(coalesce(verdict, ''), leaf) AS corrected
  FROM labels WHERE row_key IS NULL GROUP BY decision)`;

/** Does a verdict agree with what was said (`l`) of a decision (`a`)? As `agreesWith` of the protocol. */
function agrees(verdict: string): string {
  return `CASE l.assessment WHEN 'corrected' THEN ${verdict} = l.corrected WHEN 'right' THEN ${verdict} = a.verdict
    ELSE ${verdict} <> a.verdict END`;
}

/** One decision for each obligation, whoever else decided it too; corrections are obligations of their own. */
function decisionsUnder(policy: string): string {
  return `(SELECT DISTINCT ON (obligation) * FROM decisions WHERE policy = ${policy} AND base IS NULL ORDER BY leaf)`;
}

/**
 * @param agreement hash of the agreement's terms
 * @param shadow hash of the monitor beside it
 * @param sinceMs obligations that begin earlier do not count: they were known when the model was made
 */
export async function trialOf(
  store: Store,
  agreement: Uint8Array,
  shadow: Uint8Array,
  sinceMs: number,
): Promise<Trial> {
  const [row] = await store.query<Record<string, number>>(
    `WITH ${LABELLED}, pairs AS (
      SELECT a.amount AS in_force, s.amount AS beside, a.verdict <> s.verdict OR a.amount <> s.amount AS differs,
        l.decision IS NOT NULL AS labelled, ${agrees('a.verdict')} AS right_in_force, ${agrees('s.verdict')} AS right_beside
      FROM ${decisionsUnder('$2')} s JOIN ${decisionsUnder('$1')} a ON a.obligation = s.obligation
        LEFT JOIN labelled l ON l.decision = a.decision
      WHERE s.from_ms >= $3)
    SELECT count(*) AS obligations, count(*) FILTER (WHERE differs) AS differences,
      count(*) FILTER (WHERE differs AND labelled AND right_beside AND NOT right_in_force) AS excused,
      coalesce(sum(in_force), 0)::BIGINT AS "amountActive", coalesce(sum(beside), 0)::BIGINT AS "amountShadow",
      count(*) FILTER (WHERE labelled) AS labels, count(*) FILTER (WHERE labelled AND right_in_force) AS "rightActive",
      count(*) FILTER (WHERE labelled AND right_beside) AS "rightShadow" FROM pairs`,
    [agreement, shadow, sinceMs],
  );
  return row as unknown as Trial;
}

/** What people say of the decisions of one model under one policy. */
export interface LabelStats {
  readonly labels: number;
  readonly wrong: number;
}

/** @param model hash of its identity @param sinceMs start of the first obligation that counts */
export async function labelStats(
  store: Store,
  policy: Uint8Array,
  model: Uint8Array,
  sinceMs: number,
): Promise<LabelStats> {
  const [row] = await store.query<Record<string, number>>(
    `WITH ${LABELLED} SELECT count(*) AS labels, count(*) FILTER (WHERE NOT (${agrees('a.verdict')})) AS wrong
     FROM ${decisionsUnder('$1')} a JOIN labelled l ON l.decision = a.decision WHERE a.model = $2 AND a.from_ms >= $3`,
    [policy, model, sinceMs],
  );
  return row as unknown as LabelStats;
}

/** Have the scores of a model moved away from those it began with? */
export interface Drift {
  readonly obligations: number;
  /** Mean scores, parts per million: of the first obligations, and of the newest. */
  readonly first: number;
  readonly newest: number;
  /** Share of obligations that something followed from, parts per million, in both. */
  readonly followedFirst: number;
  readonly followedNewest: number;
  readonly verdict: 'too-early' | 'steady' | 'drifting';
}

const FIRST = 200;
const NEWEST = 50;
/** Standard errors of the newest mean beyond which the scores have moved. */
const ERRORS_MAX = 4;
/** A move of less than this never matters. */
const MOVE_MIN_PPM = 20_000;

/** Compares the newest obligations with the first ones that the model decided under a policy. */
export async function driftOf(store: Store, policy: Uint8Array, model: Uint8Array): Promise<Drift> {
  const [row] = await store.query<Record<string, number | null>>(
    `WITH d AS (SELECT score_ppm, outcome <> 'none' AS followed, row_number() OVER (ORDER BY from_ms) AS n,
        row_number() OVER (ORDER BY from_ms DESC) AS back FROM ${decisionsUnder('$1')} a WHERE a.model = $2)
     SELECT count(*) AS obligations, avg(score_ppm) FILTER (WHERE n <= ${FIRST}) AS first,
       stddev_samp(score_ppm) FILTER (WHERE n <= ${FIRST}) AS spread,
       avg(score_ppm) FILTER (WHERE back <= ${NEWEST}) AS newest,
       avg(followed::INT) FILTER (WHERE n <= ${FIRST}) * 1e6 AS "followedFirst",
       avg(followed::INT) FILTER (WHERE back <= ${NEWEST}) * 1e6 AS "followedNewest" FROM d`,
    [policy, model],
  );
  const whole = (name: string) => Math.round(row?.[name] ?? 0);
  const figures = {
    obligations: whole('obligations'),
    first: whole('first'),
    newest: whole('newest'),
    followedFirst: whole('followedFirst'),
    followedNewest: whole('followedNewest'),
  };
  if (figures.obligations < FIRST + NEWEST) return { ...figures, verdict: 'too-early' };
  const allowed = Math.max(MOVE_MIN_PPM, (ERRORS_MAX * (row?.spread ?? 0)) / Math.sqrt(NEWEST));
  return { ...figures, verdict: Math.abs(figures.newest - figures.first) > allowed ? 'drifting' : 'steady' };
}
