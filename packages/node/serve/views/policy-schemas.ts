// Policies as the API answers them: their payloads with hex for bytes, and how far each is decided.
import { z } from '@hono/zod-openapi';
import { className, hex32, type Immutable, minorUnits, modelIdentitySchema, timeMs } from '../schema.ts';

const milli = z.int().openapi({ description: 'Thousandths of the unit.' });
const ppm = z.int().openapi({ description: 'Parts per million.' });
const subjects = z.array(z.string());

const plausibility = z
  .object({
    trustMinPpm: ppm,
    ranges: z.array(
      z.object({ quantity: z.string(), minMilli: milli, maxMilli: milli, changeMilliPerSMax: milli.optional() }),
    ),
    neighbours: z.array(z.object({ quantity: z.string(), peers: subjects, peersMin: z.int(), toleranceMilli: milli })),
    balances: z.array(
      z.object({
        quantity: z.string(),
        inflows: subjects,
        outflows: subjects,
        tolerancePpm: ppm,
        toleranceMilli: milli,
      }),
    ),
  })
  .openapi('Plausibility');

const common = {
  network: z.string(),
  origins: z.array(z.string()).openapi({ description: 'Logs in which statements count, by origin.' }),
  domain: z.string(),
  title: z.string(),
  subject: z.string(),
  terms: z.unknown().openapi({ description: 'As the schema of the domain says.' }),
  period: z.object({ startMs: timeMs, endMs: timeMs }),
  zones: z.object({ release: z.string(), hash: hex32 }).optional(),
  model: modelIdentitySchema,
  gate: z.object({
    ownersMin: z.int(),
    classMin: className,
    heartbeat: z.string(),
    heartbeatGapMsMax: z.int(),
    waysIn: z.array(z.string()).optional().openapi({ description: 'Ways in that must have been open. Absent: all.' }),
    outageAllowanceMs: z.int().optional().openapi({
      description: 'How long in the period may be held because nothing could come in. Absent: without end.',
    }),
  }),
  plausibility: plausibility.optional(),
  correctableMs: z.int().optional(),
};

export const modelChangeSchema = z
  .object({
    approvals: z.array(z.string()).openapi({ description: 'Roles of the parties that must have approved the model.' }),
    shadowsMin: z.int().openapi({ description: 'Obligations that it must have been tried on beside.' }),
    differencesMaxPpm: ppm.openapi({
      description: 'Share of these in which it may decide otherwise, parts per million.',
    }),
    rollback: z.object({ labelsMin: z.int(), wrongMaxPpm: ppm }).optional(),
  })
  .openapi('ModelChange', { description: 'How another model may take the place of the one agreed on.' });

/** Members of an agreement, but for its parties. */
export const agreementPayloadShape = {
  trine: z.literal('agreement/1'),
  ...common,
  accounts: z
    .array(z.object({ key: z.string(), address: z.string() }))
    .optional()
    .openapi({ description: 'Out of which account the line of a key is settled.' }),
  joining: z
    .object({ by: z.array(z.string()) })
    .optional()
    .openapi({ description: 'Accounts of lines join by statements: keys of the members who may hand them in.' }),
  registrar: z.string().optional(),
  arbiter: z.string(),
  modelChange: modelChangeSchema.optional(),
  money: z.object({
    chainId: z.int(),
    contract: z.string(),
    token: z.string(),
    currency: z.string(),
    perObligationMax: minorUnits,
    totalMax: minorUnits,
    obligationMaxS: z.int(),
    settleWithinS: z.int(),
    disputeWindowS: z.int(),
    holdMaxS: z.int(),
    afterHold: z.enum(['pay', 'drop']),
    contestBond: minorUnits
      .optional()
      .openapi({ description: 'Of batches: what contesting one’s row takes until it is ruled on.' }),
    deadlineS: z.int(),
  }),
  deciders: z.object({ list: z.array(z.object({ key: z.string(), address: z.string() })), quorum: z.int() }),
};

const agreementPayload = z
  .object({
    ...agreementPayloadShape,
    parties: z.array(z.object({ role: z.string(), name: z.string(), address: z.string() })),
  })
  .openapi('AgreementTerms');

const monitorPayload = z
  .object({
    trine: z.literal('monitor/1'),
    ...common,
    deciders: z.object({ list: z.array(z.object({ key: z.string() })) }),
    shadows: hex32.optional().openapi({ description: 'Id of the agreement beside which a model is tried.' }),
    replaces: hex32.optional().openapi({ description: 'Hash of the monitor that ends where this one starts.' }),
    currency: z.string().optional(),
  })
  .openapi('MonitorTerms');

const triggerSchema = z
  .object({
    name: z.string(),
    on: z.enum(['window', 'calendar', 'session', 'event', 'deadline', 'demand']),
    graceMs: z.int(),
    startMs: timeMs.optional(),
    lengthMs: z.int().optional(),
    period: z.string().optional(),
    timeZone: z.string().optional(),
  })
  .openapi('Trigger', { description: 'What of a trigger is data.' });
export type TriggerView = Immutable<z.infer<typeof triggerSchema>>;

const standing = z.enum(['not-begun', 'in-force', 'ended', 'replaced']);
/** `replaced`: another one goes on in its place. */
export type PolicyStanding = z.infer<typeof standing>;

const policyFacts = {
  hash: hex32.openapi({ description: 'Of the policy: what decisions name.' }),
  leaf: z.int(),
  loggedMs: timeMs,
  triggers: z
    .array(triggerSchema)
    .openapi({ description: 'When its obligations arise; empty where its domain is not installed.' }),
  model: hex32.openapi({ description: 'Hash of the model that decides now.' }),
  decidedUntilMs: timeMs.optional().openapi({ description: 'End of the newest obligation decided; absent: none yet.' }),
  verdicts: z.record(z.string(), z.int()).openapi({ description: 'Decisions under it, by the domain’s word.' }),
  held: z.int(),
  problem: z.string().optional().openapi({ description: 'Why it cannot be decided now.' }),
  standing,
  end: z
    .object({ fromMs: timeMs, reason: z.string(), by: z.string().optional(), leaf: z.int() })
    .optional()
    .openapi({ description: 'It was ended: obligations that begin then or later do not arise; `by` is a role.' }),
};
const policyFactsSchema = z.object(policyFacts);
export type PolicyFacts = Omit<Immutable<z.infer<typeof policyFactsSchema>>, 'standing'>;

export const agreementSchema = z
  .object({
    ...policyFacts,
    id: hex32.openapi({ description: 'On the chain.' }),
    policy: agreementPayload,
    signed: z
      .array(z.object({ role: z.string(), leaf: z.int() }))
      .openapi({ description: 'Parties whose signature is in the log.' }),
    paid: minorUnits,
    locked: minorUnits,
  })
  .openapi('Agreement');
export type AgreementView = Immutable<z.infer<typeof agreementSchema>>;

export const monitorSchema = z.object({ ...policyFacts, policy: monitorPayload }).openapi('Monitor');
export type MonitorView = Immutable<z.infer<typeof monitorSchema>>;
