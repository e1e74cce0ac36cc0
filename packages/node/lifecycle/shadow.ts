// Trial: how a model does beside the one in force, and how the one in force does with people. Figures for the rules of
// promotion and rollback, for the drift watch, and for whoever has to approve.
import type { Store } from '../projections/tables/store.ts';

/** How a model tried beside an agreement decided, against the one in force. */
export interface Trial {
  /** Windows that both judged, since the model was put beside. */
  readonly windows: number;
  /** Of these: other verdict or other amount. */
  readonly differences: number;
  /** Differences where people hold the model beside right. */
  readonly excused: number;
  /** Minor units that each would have paid. */
  readonly amountActive: number;
  readonly amountShadow: number;
  /** Labelled windows among them, and how many each got right by the people's word. */
  readonly labels: number;
  readonly rightActive: number;
  readonly rightShadow: number;
}

/** What a labelled decision should have been; a member's newest word counts. */
const LABELLED = `labelled AS (
  SELECT decision, arg_max(stand, leaf) AS stand, arg_max(coalesce(verdict, ''), leaf) AS corrected FROM labels GROUP BY decision)`;
const RIGHT = `CASE l.stand WHEN 'approve' THEN a.verdict WHEN 'correct' THEN l.corrected
  ELSE CASE a.verdict WHEN 'met' THEN 'breached' ELSE 'met' END END`;

/**
 * @param agreement hash of the terms
 * @param shadow hash of the watch beside it
 * @param sinceMs windows that start earlier do not count: they were known when the model was made
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
        l.decision IS NOT NULL AS labelled, a.verdict = ${RIGHT} AS right_in_force, s.verdict = ${RIGHT} AS right_beside
      FROM decisions s JOIN decisions a ON a.terms = $1 AND a.from_ms = s.from_ms LEFT JOIN labelled l ON l.decision = a.decision
      WHERE s.terms = $2 AND s.from_ms >= $3)
    SELECT count(*) AS windows, count(*) FILTER (WHERE differs) AS differences,
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

/** @param model hash of its identity @param sinceMs start of the first window that counts */
export async function labelStats(
  store: Store,
  terms: Uint8Array,
  model: Uint8Array,
  sinceMs: number,
): Promise<LabelStats> {
  const [row] = await store.query<Record<string, number>>(
    `WITH ${LABELLED} SELECT count(*) AS labels, count(*) FILTER (WHERE a.verdict <> ${RIGHT}) AS wrong
     FROM decisions a JOIN labelled l ON l.decision = a.decision WHERE a.terms = $1 AND a.model = $2 AND a.from_ms >= $3`,
    [terms, model, sinceMs],
  );
  return row as unknown as LabelStats;
}

/** Have the scores of a model moved away from those it began with? */
export interface Drift {
  readonly windows: number;
  /** Mean scores, parts per million: of the first windows, and of the newest. */
  readonly first: number;
  readonly newest: number;
  /** Share of breached windows, parts per million, in both. */
  readonly breachedFirst: number;
  readonly breachedNewest: number;
  readonly verdict: 'too-early' | 'steady' | 'drifting';
}

const FIRST_WINDOWS = 200;
const NEWEST_WINDOWS = 50;
/** Standard errors of the newest mean beyond which the scores have moved. */
const ERRORS_MAX = 4;
/** A move of less than this never matters. */
const MOVE_MIN_PPM = 20_000;

/** Compares the newest windows with the first ones that the model decided under a policy. */
export async function driftOf(store: Store, terms: Uint8Array, model: Uint8Array): Promise<Drift> {
  const [row] = await store.query<Record<string, number | null>>(
    `WITH d AS (SELECT score_ppm, verdict = 'breached' AS breached, row_number() OVER (ORDER BY from_ms) AS n,
        row_number() OVER (ORDER BY from_ms DESC) AS back FROM decisions WHERE terms = $1 AND model = $2)
     SELECT count(*) AS windows, avg(score_ppm) FILTER (WHERE n <= ${FIRST_WINDOWS}) AS first,
       stddev_samp(score_ppm) FILTER (WHERE n <= ${FIRST_WINDOWS}) AS spread,
       avg(score_ppm) FILTER (WHERE back <= ${NEWEST_WINDOWS}) AS newest,
       avg(breached::INT) FILTER (WHERE n <= ${FIRST_WINDOWS}) * 1e6 AS "breachedFirst",
       avg(breached::INT) FILTER (WHERE back <= ${NEWEST_WINDOWS}) * 1e6 AS "breachedNewest" FROM d`,
    [terms, model],
  );
  const whole = (name: string) => Math.round(row?.[name] ?? 0);
  const figures = {
    windows: whole('windows'),
    first: whole('first'),
    newest: whole('newest'),
    breachedFirst: whole('breachedFirst'),
    breachedNewest: whole('breachedNewest'),
  };
  if (figures.windows < FIRST_WINDOWS + NEWEST_WINDOWS) return { ...figures, verdict: 'too-early' };
  const allowed = Math.max(MOVE_MIN_PPM, (ERRORS_MAX * (row?.spread ?? 0)) / Math.sqrt(NEWEST_WINDOWS));
  return { ...figures, verdict: Math.abs(figures.newest - figures.first) > allowed ? 'drifting' : 'steady' };
}
