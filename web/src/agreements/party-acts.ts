// What a party does with its money, signed in this browser and handed in to the node, which submits it.
import { actAsJson } from '@trine/client';
import {
  type Act,
  actDigest,
  fromHex,
  type Hex,
  permitDigest,
  policyEndDigest,
  signDigest,
  TrineError,
  toHex,
} from '@trine/protocol';
import { ask } from '../api/client.ts';
import type { SigningView } from '../api/types.ts';
import type { OwnKey } from './own-key.ts';

/** Whoever waits longer signs anew. */
const VALID_S = 3_600;
const POLLS_MAX = 120;
const POLL_MS = 500;
const OPENING_TRIES = 15;
const OPENING_MS = 2_000;

type Account = NonNullable<SigningView['account']>;
type WithoutSigner<A> = A extends unknown ? Omit<A, 'account' | 'nonce' | 'deadline'> : never;

/** An act that its owner has yet to sign. */
type Unsigned = WithoutSigner<Act>;

function signedBy(act: Unsigned, { address }: OwnKey): Act {
  const nonce = BigInt(`0x${toHex(crypto.getRandomValues(new Uint8Array(32)))}`);
  return { ...act, account: address, nonce, deadline: BigInt(Math.floor(Date.now() / 1000) + VALID_S) } as Act;
}

/** The node opens an agreement on the chain a moment after the last party signed: an act about it waits so long. */
async function handedIn<T>(hand: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++)
    try {
      return await hand();
    } catch (error) {
      const isOpening = error instanceof TrineError && error.facts.revert === 'NoSuchAgreement';
      if (!isOpening || tries === OPENING_TRIES) throw error;
      await new Promise((soon) => setTimeout(soon, OPENING_MS));
    }
}

/**
 * Signs an act, hands it in, and waits until a final block holds it.
 * @param given the contract that settles the agreement, of an act about one; of a deposit, its permit
 * @throws TrineError where it was refused, or waits
 */
async function does(
  act: Act,
  own: OwnKey,
  { settler, permit }: { settler?: string; permit?: { deadline: number; signature: string } },
): Promise<void> {
  const { chain } = await ask((api) => api.GET('/network.json'));
  if (settler !== undefined && ![chain.direct, chain.batch].includes(settler))
    throw new TrineError('invalid', 'The agreement is settled by a contract that is none of this network.');
  const verifyingContract = (settler ?? chain.accounts) as Hex;
  const signature = signDigest(actDigest(act, { chainId: BigInt(chain.id), verifyingContract }), own.key);
  const body = { act: actAsJson(act), signature, ...(permit && { permit }) };
  let state = await handedIn(() => ask((api) => api.POST('/api/v1/acts', { body })));
  for (let polls = 0; polls < POLLS_MAX && ['queued', 'submitted'].includes(state.state); polls++) {
    await new Promise((soon) => setTimeout(soon, POLL_MS));
    state = await ask((api) => api.GET('/api/v1/acts/{id}', { params: { path: { id: state.id } } }));
  }
  if (state.state === 'refused') throw new TrineError('refused', state.error ?? 'The contract refused it.');
  if (state.state !== 'confirmed')
    throw new TrineError('timed-out', 'It was handed in and is not yet done: the node goes on trying for an hour.');
}

/** Moves money from the wallet into the free balance. @param amount minor units */
async function deposit(amount: number, account: Account, own: OwnKey): Promise<void> {
  const { chain } = await ask((api) => api.GET('/network.json'));
  const act = signedBy({ kind: 'deposit', token: account.token as Hex, amount: BigInt(amount) }, own);
  const permit = {
    ...{ owner: own.address, spender: chain.accounts as Hex, value: BigInt(amount) },
    ...{ nonce: BigInt(account.permitNonce), deadline: act.deadline },
  };
  const domain = { chainId: BigInt(chain.id), verifyingContract: account.token as Hex, name: account.tokenName };
  const signature = signDigest(permitDigest(permit, domain), own.key);
  await does(act, own, { permit: { deadline: Number(act.deadline), signature } });
}

/**
 * Brings money and lets the agreement take it. What is free goes first, then what is in the wallet.
 * @param amount minor units, locked in the agreement
 */
export async function fund(view: SigningView, amount: number, own: OwnKey): Promise<void> {
  const { account, draft, agreement } = view;
  if (account === undefined) throw new TrineError('not-yet', 'The agreement is not sealed yet.');
  const missing = amount - account.free;
  if (missing > account.wallet)
    throw new TrineError('invalid', 'The account has less than that: bring tokens into its wallet first.');
  if (missing > 0) await deposit(missing, account, own);
  const { money, period } = draft;
  await does(
    signedBy(
      {
        kind: 'authorize',
        agreement: `0x${agreement}`,
        ...{ perObligation: BigInt(money.perObligationMax), perPeriod: 0n, period: 0n, amount: BigInt(amount) },
        from: BigInt(Math.floor(period.startMs / 1000)),
        until: BigInt(Math.ceil(period.endMs / 1000)),
      },
      own,
    ),
    own,
    { settler: money.contract },
  );
}

/** Lets the agreement take nothing for what begins from now on. */
export async function revoke({ agreement, draft }: SigningView, own: OwnKey): Promise<void> {
  const act = signedBy({ kind: 'revoke', agreement: `0x${agreement}` }, own);
  await does(act, own, { settler: draft.money.contract });
}

/** Ends the agreement: what has begun is decided and paid. */
export async function endAgreement(view: SigningView, reason: string, own: OwnKey): Promise<void> {
  const { agreement, draft, role } = view;
  const fromMs = Date.now();
  const signature = signDigest(policyEndDigest(fromHex(agreement as string), fromMs, draft.money), own.key);
  const body = { fromMs, reason, role, signature };
  await ask((api) => api.POST('/api/v1/agreements/{id}/end', { params: { path: { id: agreement as string } }, body }));
}
