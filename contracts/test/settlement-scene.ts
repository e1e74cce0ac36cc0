// Accounts, terms and both ways of settling on a test chain, and the acts of parties that tests repeat. Everything that
// is signed is signed as EIP-712 typed data by viem, which knows nothing of the contracts' own hashing.
import { originHash, ZERO_HASH } from '@trine/protocol';
import {
  encodeAbiParameters,
  getContractAddress,
  type Hex,
  hexToBytes,
  keccak256,
  type PrivateKeyAccount,
  parseAbiParameters,
  zeroAddress,
} from 'viem';
import { accountsAbi } from '../artifacts/Accounts.ts';
import { agreementTermsAbi } from '../artifacts/AgreementTerms.ts';
import { batchSettlementAbi } from '../artifacts/BatchSettlement.ts';
import { directSettlementAbi } from '../artifacts/DirectSettlement.ts';
import { fiatTokenAbi } from '../artifacts/FiatToken.ts';
import { account, sorted } from './chain.ts';
import { NETWORK, ORIGIN, type Scene, startScene, TERMS_HASH } from './scene.ts';

export const HOUR = 3600n;
export const DAY = 86_400n;
export const WINDOW = HOUR;
/** Rulings as the contract counts them. */
export const PAY = 1;
export const DROP = 2;
export const REDECIDE = 3;
const phases = ['none', 'announced', 'held', 'released', 'settled', 'dropped'];
export const NO_PROOF = { signer: '0x', signature: '0x' } as const;
const NO_PERMIT = { deadline: 0n, v: 0, r: ZERO_HASH, s: ZERO_HASH };

export interface Entry {
  readonly from: Hex;
  readonly to: Hex;
  readonly amount: bigint;
}
export interface Intent {
  network: Hex;
  chainId: bigint;
  settler: Hex;
  agreement: Hex;
  termsHash: Hex;
  obligation: Hex;
  begin: bigint;
  end: bigint;
  entries: readonly Entry[];
  rowsHash: Hex;
  rowCount: number;
  positionsBefore: Hex;
  positionsAfter: Hex;
  token: Hex;
  validAfter: bigint;
  deadline: bigint;
  decision: Hex;
  supersedes: Hex;
}

const field = (text: string) =>
  text.split(',').map((part) => {
    const [type, name] = part.trim().split(' ') as [string, string];
    return { type, name };
  });
const act = 'bytes32 agreement,bytes32 obligation,bytes32 intent';
const once = 'uint256 nonce,uint256 deadline';
/** The EIP-712 types as the documents state them. */
export const types = {
  Entry: field('address from,address to,uint256 amount'),
  Intent: field(
    'bytes32 network,uint256 chainId,address settler,bytes32 agreement,bytes32 termsHash,bytes32 obligation,uint64 begin,uint64 end,Entry[] entries,bytes32 rowsHash,uint32 rowCount,bytes32 positionsBefore,bytes32 positionsAfter,address token,uint64 validAfter,uint64 deadline,bytes32 decision,bytes32 supersedes',
  ),
  Deposit: field(`address account,address token,uint256 amount,${once}`),
  Withdrawal: field(`address account,address token,address to,uint256 amount,${once}`),
  Authorization: field(
    `bytes32 agreement,address account,uint128 perObligation,uint128 perPeriod,uint64 period,uint128 amount,uint64 from,uint64 until,${once}`,
  ),
  Revocation: field(`bytes32 agreement,address account,${once}`),
  Admission: field('bytes32 agreement,address account'),
  Hold: field(`${act},address account,${once}`),
  Ruled: field(`${act},uint8 ruling,address account,${once}`),
  Claim: field(`bytes32 agreement,address account,uint128 amount,${once}`),
  Contest: field(`bytes32 agreement,bytes32 obligation,address account,bytes32 statement,${once}`),
  ContestRuling: field(`bytes32 agreement,bytes32 obligation,address account,bool justified,${once}`),
};
const intentParameters = parseAbiParameters([
  'Intent intent',
  'struct Entry { address from; address to; uint256 amount; }',
  'struct Intent { bytes32 network; uint256 chainId; address settler; bytes32 agreement; bytes32 termsHash; bytes32 obligation; uint64 begin; uint64 end; Entry[] entries; bytes32 rowsHash; uint32 rowCount; bytes32 positionsBefore; bytes32 positionsAfter; address token; uint64 validAfter; uint64 deadline; bytes32 decision; bytes32 supersedes; }',
]);

/** The intent's leaf in the log: 0x02 and its ABI encoding. */
export function intentLeaf(intent: Intent): Uint8Array {
  return Uint8Array.of(2, ...hexToBytes(encodeAbiParameters(intentParameters, [intent] as never)));
}

export type SettlementScene = Awaited<ReturnType<typeof startSettlementScene>>;

/** The same contracts as a network has, founded in the order in which they need one another's addresses. */
async function deployAll(scene: Scene) {
  const { chain, checkpoints } = scene;
  const deployer = await chain.wallet(account('deployer'));
  const terms = await chain.deploy(deployer, 'AgreementTerms', [checkpoints]);
  const nonce = await chain.reader.getTransactionCount({ address: deployer.account.address });
  const next = (after: number) => getContractAddress({ from: deployer.account.address, nonce: BigInt(nonce + after) });
  const accounts = await chain.deploy(deployer, 'Accounts', [[next(1), next(2)]]);
  const direct = await chain.deploy(deployer, 'DirectSettlement', [accounts, terms]);
  const batch = await chain.deploy(deployer, 'BatchSettlement', [accounts, terms, HOUR]);
  return { terms, accounts, direct, batch };
}

export async function startSettlementScene() {
  const scene = await startScene();
  const { chain, token, log, deployer, arbiter } = scene;
  const contracts = await deployAll(scene);
  const abi = [...accountsAbi, ...agreementTermsAbi, ...batchSettlementAbi] as const;
  let nonces = 0n;

  const abiOf = (address: Hex) =>
    address === contracts.direct ? directSettlementAbi : address === contracts.batch ? batchSettlementAbi : abi;
  async function send(address: Hex, functionName: string, args: unknown[], from: PrivateKeyAccount = deployer) {
    const wallet = await chain.wallet(from);
    const call = {
      address,
      abi: [...abiOf(address), ...agreementTermsAbi, ...accountsAbi, ...fiatTokenAbi],
      functionName,
      args,
    } as const;
    await chain.reader.simulateContract({ ...call, account: from } as never);
    const hash = await wallet.writeContract({ ...call, account: from, gas: 1n << 24n } as never);
    return chain.reader.waitForTransactionReceipt({ hash });
  }
  const read = (address: Hex, functionName: string, args: unknown[] = []) =>
    chain.reader.readContract({ address, abi: abiOf(address), functionName, args } as never) as Promise<never>;
  const typed = (contract: Hex, primaryType: keyof typeof types, message: unknown) => ({
    domain: {
      name: 'Trine',
      version: '1',
      chainId: Number(chain.chainId),
      verifyingContract: contract,
    },
    types,
    primaryType,
    message,
  });
  /** What a party signs, with a nonce of its own and an hour to submit it. */
  async function sign(
    contract: Hex,
    type: keyof typeof types,
    by: PrivateKeyAccount,
    message: Record<string, unknown>,
  ) {
    const whole = { nonce: nonces++, deadline: (await chain.now()) + HOUR, ...message };
    const signature = await by.signTypedData(typed(contract, type, whole) as never);
    return { act: whole, proof: { signer: '0x' as Hex, signature } };
  }
  const balance = (who: Hex) => read(contracts.accounts, 'balanceOf', [who, token]) as Promise<bigint>;
  const word = () => keccak256(`0x${(nonces++).toString(16).padStart(64, '0')}`);
  const mint = (to: Hex, amount: bigint) => send(token, 'mint', [to, amount, word()]);
  const readToken = (name: string) =>
    chain.reader.readContract({ address: token, abi: fiatTokenAbi, functionName: name } as never);
  /** Mints, approves and deposits. */
  async function fund(who: PrivateKeyAccount, amount: bigint) {
    await mint(who.address, amount);
    await scene.send(who, token, 'approve', [contracts.accounts, amount]);
    const { act, proof } = await sign(contracts.accounts, 'Deposit', who, { account: who.address, token, amount });
    return send(contracts.accounts, 'deposit', [act, NO_PERMIT, proof]);
  }

  async function terms(over: Record<string, unknown> = {}) {
    const now = await chain.now();
    return {
      network: NETWORK,
      settler: contracts.direct,
      termsHash: TERMS_HASH,
      token,
      validFrom: now - DAY,
      validUntil: now + 365n * DAY,
      obligationMax: DAY,
      settleWithin: DAY,
      window: WINDOW,
      holdMax: 7n * DAY,
      payAfterHold: true,
      arbiter: arbiter.address,
      registrar: zeroAddress as Hex,
      residuary: scene.recipient.address,
      bond: 50n,
      threshold: 1,
      deciders: [account('decider').address],
      origins: [originHash(ORIGIN)],
      parties: [scene.payer.address, scene.recipient.address],
      salt: ZERO_HASH,
      ...over,
    };
  }
  type Terms = Awaited<ReturnType<typeof terms>>;
  async function open(agreed: Terms): Promise<Hex> {
    const id = (await read(contracts.terms, 'termsDigest', [agreed])) as Hex;
    await send(contracts.terms, 'open', [agreed]);
    return id;
  }
  async function authorize(
    who: PrivateKeyAccount,
    agreement: Hex,
    over: Record<string, unknown> = {},
    admission: unknown = NO_PROOF,
    settler = contracts.direct,
  ) {
    const message = {
      agreement,
      account: who.address,
      perObligation: 500n,
      perPeriod: 0n,
      period: 0n,
      amount: 1500n,
      from: 0n,
      until: (await chain.now()) + 300n * DAY,
      ...over,
    };
    const { act, proof } = await sign(settler, 'Authorization', who, message);
    return send(settler, 'authorize', [act, proof, admission]);
  }

  async function intent(agreement: Hex, over: Partial<Intent> = {}): Promise<Intent> {
    const now = await chain.now();
    return {
      network: NETWORK,
      chainId: chain.chainId,
      settler: contracts.direct,
      agreement,
      termsHash: TERMS_HASH,
      obligation: word(),
      begin: now,
      end: now,
      entries: [{ from: scene.payer.address, to: scene.recipient.address, amount: 300n }],
      rowsHash: ZERO_HASH,
      rowCount: 0,
      positionsBefore: ZERO_HASH,
      positionsAfter: ZERO_HASH,
      token,
      validAfter: 0n,
      deadline: now + 2n * DAY,
      decision: `0x${'de'.repeat(32)}`,
      supersedes: ZERO_HASH,
      ...over,
    };
  }
  const hold = async (what: Intent, by: PrivateKeyAccount) => {
    const { agreement, obligation } = what;
    const message = { agreement, obligation, intent: await digestOf(what), account: by.address };
    const { act, proof } = await sign(what.settler, 'Hold', by, message);
    return send(what.settler, 'hold', [act, what, proof]);
  };
  const rule = async (what: Intent, ruling: number, by: PrivateKeyAccount) => {
    const { agreement, obligation } = what;
    const message = { agreement, obligation, intent: await digestOf(what), ruling, account: by.address };
    const { act, proof } = await sign(what.settler, 'Ruled', by, message);
    return send(what.settler, 'rule', [act, what, proof]);
  };
  const revoke = async (who: PrivateKeyAccount, agreement: Hex, settler = contracts.direct) => {
    const { act, proof } = await sign(settler, 'Revocation', who, { agreement, account: who.address });
    return send(settler, 'revoke', [act, proof]);
  };
  const phaseOf = async (what: Intent) => {
    const { phase } = (await read(what.settler, 'getObligation', [what.agreement, what.obligation])) as {
      phase: number;
    };
    return phases[phase];
  };
  const digestOf = (what: Intent) => read(what.settler, 'intentDigest', [what]) as Promise<Hex>;
  const approve = (what: Intent, signers = [account('decider')]) =>
    Promise.all(sorted(signers).map((signer) => signer.signTypedData(typed(what.settler, 'Intent', what) as never)));
  /** Puts an intent into the log among other leaves, anchors it, has it signed: what the contracts need of it. */
  async function seal(what: Intent, signers?: PrivateKeyAccount[]) {
    log.append(Uint8Array.of(1, log.size & 255), intentLeaf(what), Uint8Array.of(1, 255, log.size & 255));
    await scene.anchor();
    return [await approve(what, signers), scene.prove(log.size - 2)] as const;
  }

  return {
    ...scene,
    ...{ accounts: contracts.accounts, direct: contracts.direct, batch: contracts.batch, terms_: contracts.terms },
    ...{
      anyone: deployer,
      typed,
      mint,
      readToken,
      send,
      read,
      sign,
      balance,
      fund,
      terms,
      open,
      authorize,
      intent,
      digestOf,
      approve,
      seal,
      hold,
      rule,
      revoke,
      phaseOf,
    },
  };
}
