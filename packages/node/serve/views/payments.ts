// What was ordered to be paid, and what the chain paid of it.
import { z } from '@hono/zod-openapi';
import { toHex } from '@trine/protocol';
import type { Row, Store } from '../../projections/tables/store.ts';
import type { ContestState } from '../../settle/contests.ts';
import type { Course } from '../../settle/course.ts';
import {
  after,
  hex32,
  type Immutable,
  limit,
  minorUnits,
  pageOf,
  subject,
  text,
  timeGiven,
  timeMs,
} from '../schema.ts';
import { type List, listed } from './list.ts';
import type { Conditions, PageQuery } from './page.ts';

export const paymentState = z.enum([
  'ordered',
  'announced',
  'held',
  'released',
  'paid',
  'dropped',
  'expired',
  'replaced',
]);
export type PaymentState = z.infer<typeof paymentState>;
const state = paymentState;

const course = z
  .object({
    disputableUntilMs: timeMs
      .optional()
      .openapi({ description: 'Announced: whoever pays, or the arbiter, can hold it until then.' }),
    heldBy: z.string().optional().openapi({ description: 'Held: by whom, an address on the chain.' }),
    heldUntilMs: timeMs
      .optional()
      .openapi({ description: 'Held: where nobody rules until then, `afterHold` follows.' }),
    afterHold: z.enum(['pay', 'drop']).optional(),
    replaceable: z.boolean().optional().openapi({ description: 'Held: another decision may take its place.' }),
    payableUntilMs: timeMs
      .optional()
      .openapi({ description: 'Announced or released: what is not paid by then expires.' }),
  })
  .openapi('Course', { description: 'Where it stands on the chain.' });

const contest = z
  .object({
    account: z.string().openapi({ description: 'Who says that its row is wrong, an address on the chain.' }),
    key: z
      .string()
      .optional()
      .openapi({ description: 'Of the line that is settled out of it, or its role as a party.' }),
    sinceMs: timeMs,
    untilMs: timeMs.openapi({ description: 'Where nobody rules until then, it ends by itself: the bond goes back.' }),
    bond: minorUnits.openapi({ description: 'What it took out of the free balance, as the terms say.' }),
    ended: z
      .object({
        atMs: timeMs,
        how: z.enum(['justified', 'unjustified', 'not-ruled']).openapi({
          description:
            'The arbiter’s word, after which the bond went back, or to the residuary; or not ruled on in time.',
        }),
      })
      .optional(),
    words: z.string().optional().openapi({ description: 'What it says, where that was handed in here.' }),
  })
  .openapi('Contest', {
    description: 'A party’s word that its row in a batch is wrong. It holds nothing, and changes no number.',
  });

export const paymentSchema = z
  .object({
    id: hex32.openapi({ description: 'Digest of the intent.' }),
    decision: hex32,
    agreement: hex32,
    policy: hex32,
    obligation: hex32,
    domain: z.string(),
    subject: z.string(),
    fromMs: timeMs,
    toMs: timeMs,
    amount: minorUnits.openapi({
      description:
        'Of a batch: what the lines of its decision that pay order in all; of a later one, for lines that waited, 0.',
    }),
    currency: z.string(),
    isBatch: z.boolean().openapi({ description: 'Settled in a batch, with others.' }),
    recipient: z.string().openapi({
      description:
        'Its address on the chain; several with commas between; empty of a batch, and where nothing is due any more.',
    }),
    state: state.openapi({
      description:
        'Ordered; announced: it can be disputed; held: it is; released: to be paid at once; paid; dropped: never paid, by a ruling or as the terms say; expired: not paid in time, and ordered anew once it can be paid; replaced: a later order took its place, or it was to take that of one that was paid before.',
    }),
    course: course.optional(),
    contests: z
      .array(contest)
      .optional()
      .openapi({ description: 'Of a batch that is asked for alone: the open ones first, at most 1,000.' }),
    replacedBy: hex32.optional().openapi({
      description: 'Replaced or expired, of one payment alone: the order in its place, once there is one.',
    }),
    block: z.int().optional(),
    transaction: z.string().optional().openapi({ description: 'Hash of the transaction that paid it, hex.' }),
    paidMs: timeMs.optional(),
    reason: z.string(),
  })
  .openapi('Payment');
export type PaymentView = Immutable<z.infer<typeof paymentSchema>>;

export const paymentPageSchema = pageOf(
  'PaymentPage',
  paymentSchema,
  z.object({
    total: z.int().openapi({ description: 'Payments that the whole filter lets through.' }),
    states: z
      .array(z.object({ state, currency: z.string(), count: z.int(), amount: minorUnits }))
      .openapi({ description: 'Number and sum by state and currency, under the filter but for `state`.' }),
    months: z
      .array(
        z.object({
          agreement: hex32,
          month: z.string(),
          state,
          currency: z.string(),
          count: z.int(),
          amount: minorUnits,
        }),
      )
      .openapi({
        description:
          'The same by agreement and month (`YYYY-MM`, UTC) in which the obligation ended, newest first, under the whole filter; at most 1,000.',
      }),
  }),
);
type PaymentPage = Immutable<z.infer<typeof paymentPageSchema>>;

export const paymentFilter = {
  state: state.optional(),
  policy: hex32.optional().openapi({ description: 'Hash of the agreement, or its id.' }),
  party: text(100).optional().openapi({ description: 'Name or address of a party: it pays or receives.' }),
  subject: subject.optional(),
  from: timeGiven.openapi({ description: 'Of obligations that end after this.' }),
  to: timeGiven.openapi({ description: 'Of obligations that begin before this.' }),
  sort: z.enum(['newest', 'oldest', 'amount']).optional(),
  limit,
  after,
};

/** A filter, with the agreements of a party instead of its name. */
export type PaymentQuery = PageQuery &
  Partial<Omit<Immutable<z.output<z.ZodObject<typeof paymentFilter>>>, 'party'>> & {
    /** Ids, hex: only payments under these. */
    readonly agreements?: readonly string[] | undefined;
  };

/** What is pending on the chain, or ended without being paid, by digest in hex. */
export type CourseMap = ReadonlyMap<string, Course>;

/**
 * Of a batch the log holds no amounts: with the first intent of a decision counts what its lines that pay order in all, with
 * those of lines that waited nothing more.
 */
const AMOUNT = `CASE WHEN NOT i.is_batch THEN i.amount WHEN i.obligation <> d.obligation THEN 0
  ELSE (SELECT coalesce(sum(r.amount), 0)::BIGINT FROM rows r
    WHERE r.policy = d.policy AND r.obligation = d.obligation AND r.outcome = 'pay') END`;

/**
 * Several members may vouch for one payment: it counts once.
 * @param courses are our own: nothing of them was asked from outside
 * @param asOf place of the leaf below which they count
 */
function joined(courses: CourseMap, asOf: string): string {
  const pending = [...courses].map(([digest, { state }]) => `(from_hex('${digest}'), '${state}')`);
  const states = `(VALUES ${['(NULL::BLOB, NULL::VARCHAR)', ...pending].join(', ')}) c(intent, state)`;
  return `(SELECT i.* REPLACE (${AMOUNT} AS amount), d.policy, d.domain, d.subject, d.from_ms, d.to_ms, d.currency, d.reason, s.block, s.block_time_s, s.tx,
    CASE WHEN s.block IS NOT NULL THEN 'paid' ELSE coalesce(c.state, 'ordered') END AS state
  FROM intents i
  JOIN (SELECT DISTINCT ON (decision) * FROM decisions ORDER BY decision, leaf) d ON d.decision = i.decision
  LEFT JOIN ${states} ON c.intent = i.digest
  LEFT JOIN (SELECT intent, min(block) AS block, min(block_time_s) AS block_time_s, arg_min(tx, block) AS tx
    FROM settlements WHERE leaf < ${asOf} GROUP BY intent) s ON s.intent = i.digest
  WHERE i.leaf < ${asOf}) p`;
}

const listOf = (courses: CourseMap): List<PaymentQuery, PaymentView> => ({
  name: 'payments',
  from: (asOf) => joined(courses, asOf),
  narrow,
  orders: {
    newest: { by: 'p.leaf', tie: 'p.leaf', descending: true },
    oldest: { by: 'p.leaf', tie: 'p.leaf', descending: false },
    amount: { by: 'p.amount', tie: 'p.leaf', descending: true },
  },
  form: ['number', 'number'],
  view: (row) => viewOf(row, courses),
});

const SUMS = `state, coalesce(currency, '') AS currency, count(*) AS count, sum(amount)::BIGINT AS amount`;
const MONTHS_MAX = 1_000;

/** A page of payments, and sums over all that the filter lets through. */
export function payments(store: Store, query: PaymentQuery, courses: CourseMap = new Map()): Promise<PaymentPage> {
  return listed(store, listOf(courses), query, async (through) => {
    const states = await through<PaymentPage['counts']['states'][number] & Row>(
      SUMS,
      { ...query, state: undefined },
      'GROUP BY ALL ORDER BY ALL',
    );
    const months = await through<Omit<PaymentPage['counts']['months'][number], 'agreement'> & Row>(
      `agreement, strftime(epoch_ms(to_ms - 1), '%Y-%m') AS month, ${SUMS}`,
      query,
      `GROUP BY ALL ORDER BY month DESC, agreement, state, currency LIMIT ${MONTHS_MAX}`,
    );
    const chosen = states.filter((one) => query.state === undefined || one.state === query.state);
    return {
      total: chosen.reduce((sum, { count }) => sum + count, 0),
      states,
      months: months.map((one) => ({ ...one, agreement: toHex(one.agreement as Uint8Array) })),
    };
  });
}

function narrow(conditions: Conditions, { policy, agreements, ...query }: PaymentQuery): Conditions {
  return conditions
    .add(query.state, (n) => `p.state = ${n}`)
    .add(policy && Buffer.from(policy, 'hex'), (n) => `(p.policy = ${n} OR p.agreement = ${n})`)
    .add(agreements?.join(','), (n) => `list_contains(string_split(${n}, ','), lower(hex(p.agreement)))`)
    .add(query.subject, (n) => `p.subject = ${n}`)
    .add(query.from, (n) => `p.to_ms > ${n}`)
    .add(query.to, (n) => `p.from_ms < ${n}`);
}

export async function payment(
  store: Store,
  id: Uint8Array,
  courses: CourseMap = new Map(),
): Promise<PaymentView | undefined> {
  const [row] = await store.query(
    `SELECT * FROM ${joined(courses, '$1')} WHERE p.digest = $2 ORDER BY p.leaf LIMIT 1`,
    [store.position, id],
  );
  if (row === undefined) return undefined;
  const view = viewOf(row, courses);
  return view.state === 'replaced' || view.state === 'expired'
    ? { ...view, replacedBy: await replacing(store, row) }
    : view;
}

/** The order in the place of another one: the next for its obligation; or, of what was overtaken, the next of its decision. */
async function replacing(store: Store, { leaf, agreement, obligation, decision }: Row): Promise<string | undefined> {
  const [next] = await store.query<{ digest: Uint8Array }>(
    `SELECT digest FROM intents WHERE leaf > $1 AND agreement = $2 AND (obligation = $3 OR decision = $4)
      ORDER BY obligation = $3 DESC, leaf LIMIT 1`,
    [leaf, agreement, obligation, decision],
  );
  return next && toHex(next.digest);
}

/** Minor units that were paid under an agreement. */
export async function paidUnder(store: Store, agreement: Uint8Array): Promise<number> {
  const [paid] = await store.query<{ sum: number }>(
    `SELECT coalesce(sum(${AMOUNT}), 0)::BIGINT AS sum FROM intents i
     JOIN (SELECT DISTINCT ON (decision) * FROM decisions ORDER BY decision, leaf) d ON d.decision = i.decision
     WHERE i.agreement = $1 AND i.digest IN (SELECT intent FROM settlements)`,
    [agreement],
  );
  return Number(paid?.sum ?? 0);
}

const inMs = (seconds: number): number => seconds * 1_000;

/** Contests of a batch as they are shown. */
export function contestsOf(contests: readonly ContestState[]): NonNullable<PaymentView['contests']> {
  return contests.map(({ account, key, sinceS, untilS, bond, ended, words }) => ({
    ...{ account, key, sinceMs: inMs(sinceS), untilMs: inMs(untilS), bond },
    ...{ ended: ended && { atMs: inMs(ended.atS), how: ended.how }, words },
  }));
}

function courseOf(course: Course): PaymentView['course'] {
  switch (course.state) {
    case 'announced':
      return { disputableUntilMs: inMs(course.untilS), payableUntilMs: inMs(course.deadlineS) };
    case 'held': {
      const { holder, untilS, afterwards, replaceable } = course;
      return { heldBy: holder, heldUntilMs: inMs(untilS), afterHold: afterwards, replaceable };
    }
    case 'released':
      return { payableUntilMs: inMs(course.deadlineS) };
    default:
      return undefined;
  }
}

function viewOf(row: Row, courses: CourseMap): PaymentView {
  const id = toHex(row.digest as Uint8Array);
  const course = courses.get(id);
  const isPaid = row.state === 'paid';
  return {
    id,
    decision: toHex(row.decision as Uint8Array),
    agreement: toHex(row.agreement as Uint8Array),
    policy: toHex(row.policy as Uint8Array),
    obligation: toHex(row.obligation as Uint8Array),
    domain: row.domain as string,
    subject: row.subject as string,
    fromMs: row.from_ms as number,
    toMs: row.to_ms as number,
    amount: row.amount as number,
    currency: (row.currency as string | null) ?? '',
    isBatch: row.is_batch as boolean,
    recipient: row.recipient as string,
    state: row.state as PaymentView['state'],
    course: isPaid || course === undefined ? undefined : courseOf(course),
    block: (row.block as number | null) ?? undefined,
    transaction: row.tx ? toHex(row.tx as Uint8Array) : undefined,
    paidMs: row.block_time_s === null ? undefined : (row.block_time_s as number) * 1000,
    reason: row.reason as string,
  };
}
