// A payment with time to dispute it, on the real contracts, for unit tests.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { actCall, digestOf } from '@trine/ledger/acts.ts';
import { readBalance, readLimits } from '@trine/ledger/agreements.ts';
import type { Chain } from '@trine/ledger/chain.ts';
import { sendCall } from '@trine/ledger/transactions.ts';
import { type Act, type Agreement, addressOfPrivateKey, hexOf, type Ruling, signDigest, toHex } from '@trine/protocol';
import { openSettling, type Settling } from './settling.ts';
import type { World } from './world.ts';

export const WINDOW_S = 600;
export const HOLD_MAX_S = 3_600;
export const DEADLINE_S = 7_200;

/** What is other than usual. */
export interface DisputableOptions {
  readonly money?: Partial<Agreement['money']>;
  readonly policy?: Partial<Agreement>;
  readonly chain?: (chain: Chain) => Partial<Chain>;
  /** When what is owed is decided on, milliseconds after the start. */
  readonly decidedMs?: number;
}

/** A payment with time to dispute it, which was announced. */
export class Disputable {
  settling: Settling;
  /** Of the order that is looked at, hex. */
  digest: string;
  /** Where it stood, one after the other, as was told. */
  readonly told: string[];
  #nonce = 1n;

  constructor(settling: Settling, digest: string, told: string[]) {
    this.settling = settling;
    this.digest = digest;
    this.told = told;
  }

  static async open(
    t: TestContext,
    { money, policy, chain: change, decidedMs = 12_000 }: DisputableOptions = {},
  ): Promise<Disputable> {
    const told: string[] = [];
    const settling = await openSettling({}, ({ chain }) => ({
      chain: { ...chain, ...change?.(chain) },
      onCourse: (_, state) => void told.push(state),
    }));
    const { parts, decisions } = settling;
    const given = { disputeWindowS: WINDOW_S, holdMaxS: HOLD_MAX_S, deadlineS: DEADLINE_S, ...money };
    const agreement = parts.agreement({ money: { ...parts.agreement().money, ...given }, ...policy });
    await parts.does(decisions.propose(agreement));
    await parts.say([{ atMs: 1_000 }]);
    await parts.decideAt(decidedMs);
    await settling.settle();
    const [row] = await parts.does(parts.store.query('SELECT digest FROM intents'));
    const made = new Disputable(settling, toHex(row?.digest as Uint8Array), told);
    t.after(() => made.settling.close());
    return made;
  }

  get course() {
    return this.settling.settler.courses.of(this.digest);
  }
  get keys() {
    return this.settling.parts.genesis.keys;
  }
  get world(): World {
    return this.settling.parts.world;
  }
  get nowS(): number {
    return Math.floor(this.world.now() / 1000);
  }

  /** Time passes, with a round each second at its end, as the node's clock does. */
  async pass(seconds: number): Promise<void> {
    const { world, settling } = this;
    await world.reaches(world.time.elapsedMs + Math.max(0, seconds - 8) * 1_000);
    for (let i = 0; i < Math.min(8, seconds); i++) {
      settling.settler.round();
      await world.reaches(world.time.elapsedMs + 1_000);
      await world.does(settling.parts.projections.runner.flush());
    }
  }

  /** Digests of all orders, hex, in the order of the log. */
  async ordered(): Promise<string[]> {
    const { parts } = this.settling;
    const rows = await parts.does(parts.store.query('SELECT digest FROM intents ORDER BY leaf'));
    return rows.map(({ digest }) => toHex(digest as Uint8Array));
  }

  /** Somebody signs, and somebody else submits it. */
  async act(what: 'hold' | Ruling, key: Uint8Array): Promise<void> {
    const { settling, digest } = this;
    const { chain, parts } = settling;
    const { contracts } = parts.genesis;
    const payment = await parts.does(settling.settler.payment(Buffer.from(digest, 'hex')));
    assert.ok(payment);
    const { intent } = payment;
    const by = { account: addressOfPrivateKey(key), nonce: this.#nonce++, deadline: 2n ** 40n };
    const about = {
      agreement: intent.agreement,
      obligation: intent.obligation,
      intent: hexOf(Buffer.from(digest, 'hex')),
    };
    const act: Act =
      what === 'hold' ? { kind: 'hold', ...about, ...by } : { kind: 'rule', ruling: what, ...about, ...by };
    const signature = signDigest(digestOf(chain.chainId, contracts, act), key);
    const call = actCall(contracts, act, { signature, intent });
    await parts.does(sendCall(chain, hexOf(parts.genesis.keys.issuer), call));
  }

  async paid(): Promise<boolean> {
    const { parts } = this.settling;
    const rows = await parts.does(parts.store.query('SELECT leaf FROM settlements'));
    assert.ok(rows.length < 2, 'paid once');
    return rows.length === 1;
  }

  /** The power fails, and the node starts again after some time. */
  async powerFails(downS = 0): Promise<void> {
    const { world } = this;
    this.settling.parts.life.isOver = true;
    world.disk.restart();
    await world.reaches(world.time.elapsedMs + downS * 1_000);
    this.settling = await openSettling({ world });
  }

  /** What the payer still has in the agreement's lock, minor units. */
  async locked(): Promise<bigint> {
    const { chain, parts } = this.settling;
    const [{ id } = {}] = parts.projections.policies.agreements();
    const { contracts, keys } = parts.genesis;
    const limits = readLimits(chain, contracts, hexOf(id as Uint8Array), addressOfPrivateKey(keys.account));
    return (await parts.does(limits)).locked;
  }

  async received(): Promise<bigint> {
    const { chain, parts } = this.settling;
    const { contracts, keys } = parts.genesis;
    return parts.does(readBalance(chain, contracts, addressOfPrivateKey(keys.recipient)));
  }
}
