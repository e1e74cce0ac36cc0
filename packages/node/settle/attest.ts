// Co-deciding: another decider takes nobody's word. It verifies the evidence of the decision, computes it again, checks
// that the intent is what the decision orders, and only then signs.

import { type Domains, replayWith } from '@trine/engine';
import { findFault } from '@trine/ledger/batch-faults.ts';
import { BatchHistory } from '@trine/ledger/batch-history.ts';
import { type Member, readMember } from '@trine/ledger/batches.ts';
import type { Chain } from '@trine/ledger/chain.ts';
import type { Contracts } from '@trine/ledger/contracts.ts';
import {
  accountNamed,
  accountPayload,
  agreementPayload,
  Contents,
  checkIntent,
  type Decision,
  decisionId,
  decisionPayload,
  decodeEvidence,
  equalBytes,
  firstAccounts,
  fromHex,
  type Intent,
  type IntentBatch,
  intentDigest,
  type Joined,
  type NetworkDocument,
  type PayingDecision,
  type Replay,
  type Row,
  readRows,
  signDigest,
  splitRows,
  TrineError,
  verifyEvidence,
} from '@trine/protocol';
import { partOf } from './batches.ts';

/** The decision or the intent does not hold: nothing is signed. */
export class CosignError extends TrineError {
  override readonly name = 'CosignError';
  constructor(message: string) {
    super('not-proven', message);
  }
}

/** What it takes to sign a batch: its rows, the chain as this decider reads it, and what it signed before. */
export interface CosignBatch {
  readonly chain: Chain;
  readonly contracts: Contracts;
  /** as they are to be published */
  readonly rows: Uint8Array;
  /** Keys of lines in batches of this decision that this decider signed before: none is paid twice. */
  readonly linesBefore: ReadonlySet<string>;
}

/**
 * Signs an intent as a decider.
 *
 * @param evidence file about the decision
 * @param intent what is to be paid
 * @param options the network this decider trusts, the domains it computes with, its secp256k1 key (32 bytes)
 * @returns 65 bytes
 * @throws CosignError naming the step that does not hold; StepError naming the field of the intent that differs;
 *   LedgerError where the chain does not answer
 */
export async function cosign(
  evidence: Uint8Array,
  intent: Intent,
  options: { network: NetworkDocument; domains: Domains; key: Uint8Array; batch?: CosignBatch },
): Promise<Uint8Array> {
  const { network, domains, key, batch } = options;
  const compute = replayWith(domains);
  let rows: ReadonlyMap<string, Row> = new Map();
  const replay: Replay = async (input) => {
    const again = await compute(input);
    rows = again.rows ?? rows;
    return again;
  };
  const report = await verifyEvidence(evidence, { network, replay });
  const failed = report.steps.find(({ status }) => status === 'failed');
  if (report.verdict !== 'trusted' || report.about !== 'decision')
    throw new CosignError(
      `The decision does not hold: ${failed ? `${failed.title}: ${failed.detail}` : 'the file is about something else'}`,
    );
  const file = decodeEvidence(evidence);
  const contents = new Contents(file);
  const decision = contents
    .of('decision')
    .map(({ statement }) => decisionPayload.decode(statement.payload))
    .find((one) => equalBytes(decisionId(one), file.about.id)) as Decision;
  const policy = agreementPayload.decode(contents.only('agreement').statement.payload);
  const paying = { decision, id: decisionId(decision), policy, rows, joined: joinedIn(contents) };
  checkIntent(intent, paying, network, batch && (await groundOf(intent, paying, batch)));
  return fromHex(signDigest(intentDigest(intent), key));
}

/** Accounts of lines in a file that was verified. */
function joinedIn(contents: Contents): Joined {
  return firstAccounts(contents.of('account').map((one) => accountPayload.decode(contents.body(one))));
}

/** The batch as this decider finds it: from its own reading of the chain, without a fault that anyone could refute. */
async function groundOf(
  intent: Intent,
  { policy, decision, rows, joined }: PayingDecision & { readonly rows: ReadonlyMap<string, Row> },
  { chain, contracts, linesBefore, ...given }: CosignBatch,
): Promise<IntentBatch> {
  const history = new BatchHistory(chain, contracts, intent.agreement);
  await history.follow(await chain.finalBlock());
  const chunks = splitRows(given.rows);
  const batchRows = readRows(chunks);
  const { positions, members } = history;
  if (history.problem !== undefined || positions.root() !== intent.positionsBefore)
    throw new CosignError('The batch does not start from the positions that the chain shows.');
  const read = batchRows
    .filter(({ number, amount }) => amount < 0n && members.has(number))
    .map(async ({ number }) => [number, await readMember(chain, contracts, intent.agreement, number)] as const);
  const losing = new Map(await Promise.all(read));
  const memberOf = (number: number) => losing.get(number) as Member;
  const isMember = (number: number) => members.has(number);
  const fault = findFault({ intent, chunks, positions, isMember, memberOf });
  if (fault) throw new CosignError(`The batch would be refuted: ${fault.kind}.`);
  const numbers = new Map([...members].map(([number, account]) => [account, number]));
  const inBatch = new Set(batchRows.map(({ number }) => number));
  const lines = [...rows].flatMap(([key, { outcome }]) => {
    const account = accountNamed(policy, key, joined);
    const number = account && numbers.get(account);
    return outcome === 'pay' && number !== undefined && inBatch.has(number) ? [key] : [];
  });
  const again = lines.find((key) => linesBefore.has(key));
  if (again !== undefined) throw new CosignError(`The line of ${again} is in a batch that was signed before.`);
  return { part: partOf(intent, decision), lines, numberOf: (account) => numbers.get(account) };
}
