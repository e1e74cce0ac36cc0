// The one table of what a statement can be. Everything that lists kinds derives from it.
import type { ClockQuality } from './assurance.ts';
import { FormatError } from './errors.ts';
import { limits } from './limits.ts';
import { accountPayload } from './payloads/account.ts';
import { alertStatusPayload } from './payloads/alert.ts';
import { consentPayload } from './payloads/consent.ts';
import { decisionPayload, rowPayload } from './payloads/decision.ts';
import { enrolmentPayload, keyStatusPayload } from './payloads/enrolment.ts';
import { erasurePayload } from './payloads/erasure.ts';
import { linkPayload } from './payloads/link.ts';
import { approvalPayload, labelPayload, modelChangePayload, modelPayload, readParameters } from './payloads/model.ts';
import { decodeNetwork } from './payloads/network.ts';
import { agreementPayload, monitorPayload } from './payloads/policy.ts';
import { policyEndPayload } from './payloads/policy-end.ts';
import { recoveryPayload } from './payloads/recovery.ts';
import { releasePayload } from './payloads/release.ts';
import { settlementPayload } from './payloads/settlement.ts';
import { statePayload } from './payloads/state.ts';
import { contentTypes, decodePack } from './senml/senml.ts';

/**
 * Who may issue a kind:
 * - `device`: any enrolled key, about the subjects it was enrolled for;
 * - `member`: a member of the network;
 * - `decider`: a decider whom the terms name, who is a member;
 * - `gateway`: a gateway, to a sender; such statements are never in the log.
 */
export type KindIssuer = 'device' | 'member' | 'decider' | 'gateway';

/** What a payload needs of its header to be read. */
export interface PayloadHeader {
  readonly contentType: number | string;
  readonly subject: string;
  readonly clock: ClockQuality;
}

export interface Kind {
  /** In the header. A code is never given to another kind. */
  readonly code: number;
  /** Content types its body may have (CoAP Content-Format or media type); the first is what we write. Absent: any. */
  readonly mediaTypes?: readonly [number | string, ...(number | string)[]];
  readonly issuer: KindIssuer;
  /** May the body be behind a salted hash, or must it? Of every other kind all readers need the body itself. */
  readonly body: 'inline' | 'detachable' | 'detached';
  /** Only about the thing that holds the key. */
  readonly ownSubject: boolean;
  /** Release of the formats that brought it. */
  readonly since: string;
  /** Reads an inline body. @throws FormatError, and nothing else, on any bytes */
  decode(body: Uint8Array, header: PayloadHeader): unknown;
}

const ours = (name: string): readonly [string] => [`application/vnd.trine.${name}+cbor`];

/** A kind whose body every reader needs. */
function inline(
  code: number,
  issuer: KindIssuer,
  mediaTypes: readonly [number | string],
  decode: (body: Uint8Array) => unknown,
): Kind {
  return { code, issuer, mediaTypes, body: 'inline', ownSubject: false, since: '0.1', decode };
}

/** A kind of deciders whose body is erased with its subject: public leaves hold nobody's values. */
function detached(code: number, mediaTypes: readonly [number | string], decode: (body: Uint8Array) => unknown): Kind {
  return { code, issuer: 'decider', mediaTypes, body: 'detached', ownSubject: false, since: '0.1', decode };
}

const table = {
  /** Readings: SenML as CBOR or JSON (RFC 8428). */
  pack: {
    code: 1,
    issuer: 'device',
    mediaTypes: [contentTypes.senmlCbor, contentTypes.senmlJson],
    body: 'detachable',
    ownSubject: false,
    since: '0.1',
    decode: (body, { contentType, subject, clock }) => decodePack(body, contentType, subject, clock),
  },
  decision: inline(2, 'decider', ours('decision'), (body) => decisionPayload.decode(body)),
  enrolment: inline(3, 'member', ours('enrolment'), (body) => enrolmentPayload.decode(body)),
  'key-status': inline(4, 'member', ours('key-status'), (body) => keyStatusPayload.decode(body)),
  agreement: inline(5, 'member', ours('agreement'), (body) => agreementPayload.decode(body)),
  /** What a model remembers about one subject. */
  state: detached(6, ours('state'), (body) => statePayload.decode(body)),
  settlement: inline(7, 'member', ours('settlement'), (body) => settlementPayload.decode(body)),
  /** Its body is the root over the answers: see acknowledgement.ts. */
  acknowledgement: inline(8, 'gateway', ['application/octet-stream'], (body) => {
    if (body.length !== 32) throw new FormatError('malformed', 'An acknowledgement holds a root of 32 bytes.');
    return body;
  }),
  network: inline(9, 'member', ['application/json'], (body) => decodeNetwork(body)),
  monitor: inline(10, 'member', ours('monitor'), (body) => monitorPayload.decode(body)),
  model: inline(11, 'member', ours('model'), (body) => {
    const model = modelPayload.decode(body);
    readParameters(model.parameters);
    return model;
  }),
  approval: inline(12, 'member', ours('approval'), (body) => approvalPayload.decode(body)),
  'model-change': inline(13, 'member', ours('model-change'), (body) => modelChangePayload.decode(body)),
  label: inline(14, 'member', ours('label'), (body) => labelPayload.decode(body)),
  /** Anything anybody wants to have in the log about itself: any media type, its bytes. */
  event: {
    code: 15,
    issuer: 'device',
    body: 'detachable',
    ownSubject: true,
    since: '0.1',
    decode: (body) => {
      if (body.length > limits.eventInlineBytesMax)
        throw new FormatError(
          'too-large',
          `An event in the log itself has at most ${limits.eventInlineBytesMax} bytes: detach its body.`,
        );
      return body;
    },
  },
  /** One party's line of a decision over many. */
  row: detached(16, ours('row'), (body) => rowPayload.decode(body)),
  'alert-status': inline(17, 'member', ours('alert-status'), (body) => alertStatusPayload.decode(body)),
  erasure: inline(18, 'member', ours('erasure'), (body) => erasurePayload.decode(body)),
  /** A sequence goes on after a fork. */
  recovery: inline(19, 'member', ours('recovery'), (body) => recoveryPayload.decode(body)),
  /** Whom a pseudonym stands for. */
  link: { ...detached(20, ours('link'), (body) => linkPayload.decode(body)), issuer: 'member' },
  /** A party signed an agreement. */
  consent: inline(21, 'member', ours('consent'), (body) => consentPayload.decode(body)),
  /** An agreement or a monitor ends before its time. */
  'policy-end': inline(22, 'member', ours('policy-end'), (body) => policyEndPayload.decode(body)),
  /** Out of which account a line is settled. */
  account: { ...detached(23, ours('account'), (body) => accountPayload.decode(body)), issuer: 'member' },
  /** What the gate held is paid by hand, or dropped. */
  release: inline(24, 'member', ours('release'), (body) => releasePayload.decode(body)),
} as const satisfies Readonly<Record<string, Kind>>;

export type StatementKind = keyof typeof table;

/** Every kind by its name. */
export const kinds: Readonly<Record<StatementKind, Kind>> = table;

/** Names of all kinds, in the order of their codes. */
export const kindNames = Object.keys(table) as readonly StatementKind[];

/** Codes by name, as they stand in headers and in stores. */
export const statementKinds = Object.fromEntries(kindNames.map((name) => [name, kinds[name].code])) as {
  readonly [K in StatementKind]: number;
};

const byCode: readonly (StatementKind | undefined)[] = kindNames.reduce<(StatementKind | undefined)[]>(
  (names, name) => {
    names[kinds[name].code] = name;
    return names;
  },
  [],
);

/** The kind of a code; `unknown` for one of a later release. @example kindOfCode(1) // 'pack' */
export function kindOfCode(code: number): StatementKind | 'unknown' {
  return byCode[code] ?? 'unknown';
}

/** The content type we write for a kind. @throws FormatError `malformed` for one that has none of its own */
export function contentTypeOf(kind: StatementKind): number | string {
  const type = kinds[kind].mediaTypes?.[0];
  if (type === undefined) throw new FormatError('malformed', `A statement of kind ${kind} names its own content type.`);
  return type;
}
