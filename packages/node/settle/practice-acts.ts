// For trying it on a practice network, where the keys of all are in one place: the node signs in the name of whoever acts.
// It goes the same way as an act that somebody signed elsewhere.
import { digestOf } from '@trine/ledger/acts.ts';
import {
  type Act,
  addressOfPrivateKey,
  fromHex,
  type Hex,
  type Intent,
  type Ruling,
  sha256,
  signDigest,
  TrineError,
  toHex,
  toUtf8,
} from '@trine/protocol';
import type { Clock } from '@trine/system/time.ts';
import type { Genesis } from '../genesis/genesis.ts';
import type { ActState } from './acts.ts';
import type { Settler } from './settler.ts';

const VALID_S = 600n;

type Practising = { readonly genesis: Genesis; readonly settler: Settler; readonly clock: Clock };

/**
 * Holds a payment in the name of its payer, or rules on it in the name of its arbiter.
 * @param id digest of the intent, 64 hex digits
 * @throws TrineError `forbidden` where the network is none for practice; otherwise as {@link Acts.take}
 */
export async function actInPractice(node: Practising, id: string, what: 'hold' | Ruling): Promise<ActState> {
  const { agreement, obligation, settler } = await intentOf(node, id, 'trine hold');
  const { keys, contracts } = node.genesis;
  const about = { agreement, obligation, intent: `0x${id}` as Hex };
  // A batch is held by the arbiter alone.
  const key = what === 'hold' && settler === contracts.direct ? keys.account : keys.arbiter;
  const signed = { account: addressOfPrivateKey(key), ...onceOf(node, `${what} ${id}`) };
  const act: Act =
    what === 'hold' ? { kind: 'hold', ...about, ...signed } : { kind: 'rule', ruling: what, ...about, ...signed };
  return handIn(node, act, key, settler);
}

/**
 * Rules on the contest of a batch in the name of its arbiter.
 * @param id digest of the batch's intent, 64 hex digits
 * @param account who contests
 * @throws as {@link actInPractice}
 */
export async function ruleContestInPractice(
  node: Practising,
  id: string,
  account: Hex,
  justified: boolean,
): Promise<ActState> {
  const { agreement, obligation, settler } = await intentOf(node, id, 'trine rule-contest');
  const once = onceOf(node, `contest ${account} ${id}`);
  const act: Act = { kind: 'rule-contest', agreement, obligation, account, justified, ...once };
  return handIn(node, act, node.genesis.keys.arbiter, settler);
}

/** @param command what does it elsewhere */
async function intentOf({ genesis, settler }: Practising, id: string, command: string): Promise<Intent> {
  if (genesis.network.chain.kind !== 'practice')
    throw new TrineError(
      'forbidden',
      `Only on a practice network are all keys here: sign with your own, by ${command}.`,
    );
  const payment = await settler.payment(fromHex(id));
  if (payment === undefined) throw new TrineError('not-found', 'No such payment is known here.');
  return payment.intent;
}

function onceOf({ clock }: Practising, what: string): { nonce: bigint; deadline: bigint } {
  const nowMs = clock();
  return {
    nonce: BigInt(`0x${toHex(sha256(toUtf8(`practice ${what} ${nowMs}`)))}`),
    deadline: BigInt(Math.floor(nowMs / 1000)) + VALID_S,
  };
}

function handIn({ genesis, settler }: Practising, act: Act, key: Uint8Array, contract: Hex): Promise<ActState> {
  const { chain, contracts } = genesis;
  const signature = signDigest(digestOf(chain.chainId, contracts, act, contract), key);
  return settler.acts.take({ act, signature }, 'practice');
}
