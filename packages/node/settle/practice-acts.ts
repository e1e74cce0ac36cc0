// For trying it on a practice network, where the keys of all are in one place: the node signs in the name of whoever acts.
// It goes the same way as an act that somebody signed elsewhere.
import { digestOf } from '@trine/ledger/acts.ts';
import {
  type Act,
  addressOfPrivateKey,
  fromHex,
  type Hex,
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

/**
 * Holds a payment in the name of its payer, or rules on it in the name of its arbiter.
 * @param id digest of the intent, 64 hex digits
 * @throws TrineError `forbidden` where the network is none for practice; otherwise as {@link Acts.take}
 */
export async function actInPractice(
  { genesis, settler, clock }: { readonly genesis: Genesis; readonly settler: Settler; readonly clock: Clock },
  id: string,
  what: 'hold' | Ruling,
): Promise<ActState> {
  const { network, keys, chain, contracts } = genesis;
  if (network.chain.kind !== 'practice')
    throw new TrineError(
      'forbidden',
      'Only on a practice network are all keys here: sign with your own, by trine hold.',
    );
  const payment = await settler.payment(fromHex(id));
  if (payment === undefined) throw new TrineError('not-found', 'No such payment is known here.');
  const { agreement, obligation } = payment.intent;
  const nowMs = clock();
  const about = { agreement, obligation, intent: `0x${id}` as Hex };
  // A batch is held by the arbiter alone.
  const isDirect = payment.intent.settler === contracts.direct;
  const key = what === 'hold' && isDirect ? keys.account : keys.arbiter;
  const signed = {
    account: addressOfPrivateKey(key),
    nonce: BigInt(`0x${toHex(sha256(toUtf8(`practice ${what} ${id} ${nowMs}`)))}`),
    deadline: BigInt(Math.floor(nowMs / 1000)) + VALID_S,
  };
  const act: Act =
    what === 'hold' ? { kind: 'hold', ...about, ...signed } : { kind: 'rule', ruling: what, ...about, ...signed };
  const signature = signDigest(digestOf(chain.chainId, contracts, act, payment.intent.settler), key);
  return settler.acts.take({ act, signature }, 'practice');
}
