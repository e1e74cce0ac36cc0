// An agreement as people ask for one: the node adds network, model, gate, deciders, and the times that the contract needs.
// Parties whose key is made later have no account yet.
import { type Domains, endOfWindows, longestMs, type Trigger, zones, zonesIdentity } from '@trine/engine';
import {
  type Agreement,
  type AssuranceClass,
  addressOfPrivateKey,
  agreementPayload,
  didKey,
  type NetworkDocument,
  sha256,
  TrineError,
  toUtf8,
} from '@trine/protocol';
import { heartbeatGapMs } from '../decide/heartbeat-gap.ts';
import type { Genesis } from '../genesis/genesis.ts';

export interface AskedParty {
  readonly role: string;
  readonly name: string;
  /** 0x and 40 lower-case hex digits; absent: the party makes its key from the link that it gets. */
  readonly address?: string | undefined;
}

export interface AgreementRequest {
  readonly subject: string;
  readonly domain: string;
  readonly title: string;
  /** As the form of the domain asks for them. */
  readonly terms: Readonly<Record<string, unknown>>;
  readonly parties: readonly AskedParty[];
  /** Default on a practice network: the account whose key the node keeps for that. */
  readonly arbiter?: string | undefined;
  readonly currency: string;
  /** Minor units: the most that one obligation may cost, and all of them. */
  readonly perObligationMax: number;
  readonly totalMax: number;
  readonly startMs: number;
  readonly endMs: number;
  /** To object before a payment is made. */
  readonly disputeWindowS: number;
  /** How long an objection holds at most, and what then becomes of the payment. */
  readonly holdMaxS: number;
  readonly afterHold: 'pay' | 'drop';
  /** Minor units that a party gives for saying that its row in a batch is wrong, until that is ruled on. */
  readonly contestBond?: number | undefined;
  /** Late and replaced readings change what was decided for so long. */
  readonly correctableMs?: number | undefined;
  /** How long in all may be held because nothing could come in; beyond it counts what arrived. Default: without end. */
  readonly outageAllowanceMs?: number | undefined;
  /** Ways in that the thing uses. Default: all that the node has. */
  readonly waysIn?: readonly string[] | undefined;
  /** Owners besides who gains whose readings must stand behind a payment, and the least class of what they say. */
  readonly ownersMin: number;
  readonly classMin: AssuranceClass;
  /** Who decides besides this node, and how many of all must sign. */
  readonly deciders?: Agreement['deciders']['list'] | undefined;
  readonly quorum?: number | undefined;
  /** did:key of each member who hands in accounts of lines: then lines are netted and paid in batches. */
  readonly joining?: Agreement['joining'];
  /** Who admits what joined. Default: the account that the network names for the first of these members. */
  readonly registrar?: string | undefined;
}

/** An agreement of which accounts may be missing: their parties have yet to make a key. */
export type Draft = Omit<Agreement, 'parties'> & { readonly parties: readonly AskedParty[] };

const DAY_S = 86_400;
/** Outages and late signatures included. */
const SETTLE_WITHIN_S = 90 * DAY_S;
const DEADLINE_S = 30 * DAY_S;
const SHADOWS_MIN = 20;
const DIFFERENCES_MAX_PPM = 100_000;

export interface DraftingNode {
  readonly domains: Domains;
  readonly genesis: Pick<Genesis, 'network' | 'keys' | 'origin'>;
  /** The thing whose heartbeat shows that the log was awake. */
  readonly subject: string;
}

/**
 * @throws NotChecked when the domain is not installed, FormatError or TrineError naming a field that is wrong
 */
export function draftOf(node: DraftingNode, asked: AgreementRequest): Draft {
  const { network, keys, origin } = node.genesis;
  const { domain } = node.domains.get(asked.domain);
  const terms = domain.terms.parse(asked.terms);
  const triggers = domain.triggers(terms);
  if (asked.endMs <= asked.startMs) throw new TrineError('invalid', 'endMs: it ends before it starts.');
  const token = network.chain.tokens.find(({ currency }) => currency === asked.currency);
  if (token === undefined) {
    const known = network.chain.tokens.map(({ currency }) => currency).join(', ');
    throw new TrineError('invalid', `currency: this network pays in ${known}.`);
  }
  const arbiter = asked.arbiter ?? (network.chain.kind === 'practice' ? addressOfPrivateKey(keys.arbiter) : undefined);
  if (arbiter === undefined) throw new TrineError('invalid', 'arbiter: name the account that settles disputes.');
  const draft: Draft = {
    trine: 'agreement/1',
    network: network.id,
    origins: [origin],
    domain: asked.domain,
    title: asked.title,
    subject: asked.subject,
    parties: asked.parties.map(({ role, name, address }) => ({ role, name, ...(address && { address }) })),
    ...joiningOf(network, asked, domain.rows !== undefined),
    arbiter,
    terms: terms as Agreement['terms'],
    period: { startMs: asked.startMs, endMs: endOfWindows(triggers, asked.endMs) },
    ...(triggers.some(({ on }) => on === 'calendar') && { zones: zonesIdentity(zones) }),
    model: node.domains.identity(asked.domain),
    gate: {
      ownersMin: asked.ownersMin,
      classMin: asked.classMin,
      heartbeat: node.subject,
      heartbeatGapMsMax: heartbeatGapMs(triggers),
      ...(asked.waysIn && { waysIn: [...asked.waysIn] }),
      ...(asked.outageAllowanceMs !== undefined && { outageAllowanceMs: asked.outageAllowanceMs }),
    },
    ...(asked.correctableMs !== undefined && { correctableMs: asked.correctableMs }),
    modelChange: {
      approvals: ['payer', 'recipient'],
      shadowsMin: SHADOWS_MIN,
      differencesMaxPpm: DIFFERENCES_MAX_PPM,
    },
    money: moneyOf(network.chain, token.address, triggers, asked),
    deciders: {
      list: [
        { key: didKey(keys.member.publicKey), address: addressOfPrivateKey(keys.account) },
        ...(asked.deciders ?? []),
      ],
      quorum: asked.quorum ?? 1,
    },
  };
  // What no account can mend is said before anybody is asked for one.
  completed(draft, placeholderOf);
  return draft;
}

function joiningOf({ members }: NetworkDocument, { joining, registrar }: AgreementRequest, hasLines: boolean) {
  if (joining === undefined) {
    if (registrar === undefined) return {};
    throw new TrineError('invalid', 'registrar: it admits accounts that join: say by joining who hands them in.');
  }
  if (!hasLines) throw new TrineError('invalid', 'joining: agreements of this domain have no lines with accounts.');
  const first = members.find(({ key }) => key === joining.by[0]);
  if (first === undefined)
    throw new TrineError('invalid', `joining.by: ${joining.by[0]} is no member of this network.`);
  return { joining: { by: [...joining.by] }, registrar: registrar ?? first.address };
}

function moneyOf(
  chain: NetworkDocument['chain'],
  token: string,
  triggers: readonly Trigger[],
  asked: AgreementRequest,
): Agreement['money'] {
  const { currency, perObligationMax, totalMax, disputeWindowS, holdMaxS, afterHold, correctableMs = 0 } = asked;
  const { contestBond, joining } = asked;
  if (contestBond !== undefined && joining === undefined)
    throw new TrineError('invalid', 'contestBond: only lines that are paid in batches are contested: say joining.');
  return {
    ...{ chainId: chain.id, contract: joining ? chain.batch : chain.direct, token, currency },
    ...{ perObligationMax, totalMax, obligationMaxS: longestS(triggers, asked) },
    settleWithinS: SETTLE_WITHIN_S + Math.ceil(correctableMs / 1000),
    ...{ disputeWindowS, holdMaxS, afterHold, deadlineS: DEADLINE_S },
    ...(contestBond !== undefined && { contestBond }),
  };
}

/** Of a deadline that each event sets nothing is known but the length of the whole. */
function longestS(triggers: readonly Trigger[], { startMs, endMs }: AgreementRequest): number {
  const longest = Math.max(...triggers.map(longestMs));
  return Math.ceil((Number.isFinite(longest) ? longest : endMs - startMs) / 1000) + 1;
}

/** An account that nobody has: where one is needed to check all else. */
export function placeholderOf({ role }: AskedParty): string {
  return `0x${Buffer.from(sha256(toUtf8(`no account of ${role}`)).subarray(0, 20)).toString('hex')}`;
}

/**
 * The agreement itself.
 * @param accountOf of a party that has none yet
 * @throws FormatError naming the field that is wrong
 */
export function completed(draft: Draft, accountOf: (party: AskedParty) => string): Agreement {
  const parties = draft.parties.map((party) => ({ ...party, address: party.address ?? accountOf(party) }));
  return agreementPayload.decode(agreementPayload.encode({ ...draft, parties }));
}
