// A district whose homes' lines are settled in batches, in virtual time, on the real contracts: what tests of batches do
// again and again.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { replayWith } from '@trine/engine';
import { readNumber } from '@trine/ledger/batches.ts';
import {
  type Agreement,
  type Decision,
  decisionId,
  hexOf,
  type NetworkDocument,
  type Replay,
  type Report,
  toHex,
  verifyEvidence,
} from '@trine/protocol';
import { buildEvidence } from '../evidence/build.ts';
import type { LoggedAgreement } from '../projections/policies.ts';
import { addressOf, bankOf, batched, Customers, saysAccount } from './customers.ts';
import { lined } from './lines.ts';
import { installedCounting } from './parts.ts';
import { openSettling, type Settling } from './settling.ts';
import { T0 } from './world.ts';

export const homes: readonly string[] = ['home/1', 'home/2', 'home/3'];

export class District {
  settling: Settling;
  readonly logged: LoggedAgreement;
  readonly customers: Customers;

  constructor(settling: Settling, logged: LoggedAgreement) {
    this.settling = settling;
    this.logged = logged;
    this.customers = new Customers(bankOf(() => this.settling));
  }

  /** Three homes, of which some have authorised a hundred cents each. */
  static async open(
    t: TestContext,
    joined: readonly string[] = homes,
    given: (settling: Settling) => Partial<Agreement> = () => ({}),
    change: Parameters<typeof openSettling>[1] = () => ({}),
  ): Promise<District> {
    const settling = await openSettling({ installed: [installedCounting, lined] }, change);
    const { parts, decisions } = settling;
    const policy = batched(settling, homes, given(settling));
    const logged = (await parts.does(decisions.propose(policy))) as LoggedAgreement;
    const district = new District(settling, logged);
    t.after(() => district.settling.close());
    await settling.settle();
    for (const home of joined) await district.join(home);
    return district;
  }

  /**
   * The member says which account a line has, as the account signed.
   * @param by whose account it is
   * @returns its leaf
   */
  says(key: string, by: string = key, logged: LoggedAgreement = this.logged): Promise<number> {
    return saysAccount(this.settling, logged, key, by);
  }

  async join(home: string): Promise<void> {
    await this.customers.fund(home, 100n);
    const { state, error } = await this.customers.authorizes(home, this.logged.id, this.logged.policy);
    assert.equal(state, 'confirmed', error);
  }

  /** Of the window that begins so many milliseconds after the founding. */
  async decide(fromMs: number, said: readonly number[], price = 10): Promise<Decision> {
    const { parts } = this.settling;
    await parts.say([
      { thing: 'market/1', atMs: fromMs + 1_000, value: price },
      ...said.map((value, i) => ({ thing: homes[i] as string, atMs: fromMs + 2_000 + i * 100, value })),
    ]);
    const decision = (await parts.decideAt(fromMs + 11_500)).find(({ outcome }) => outcome === 'pay');
    assert.ok(decision);
    await this.settling.settle();
    return decision;
  }

  /** So many seconds pass, with rounds at their end. */
  async pass(seconds: number): Promise<void> {
    const { parts, settler } = this.settling;
    const { world } = parts;
    await world.reaches(world.time.elapsedMs + seconds * 1_000);
    settler.round();
    await this.settling.settle();
    settler.round();
    await this.settling.settle();
  }

  async query(sql: string): Promise<Record<string, unknown>[]> {
    const { parts } = this.settling;
    await parts.does(parts.projections.runner.flush());
    return parts.does(parts.store.query(sql));
  }

  async verify(id: Uint8Array): Promise<Report> {
    return verifyEvidence(await this.file(id), this.options);
  }

  get options(): { network: NetworkDocument; replay: Replay } {
    const { parts } = this.settling;
    return { network: parts.genesis.network, replay: replayWith(parts.domains) };
  }

  file(id: Uint8Array): Promise<Uint8Array> {
    const { parts, settler } = this.settling;
    const { log, sources, projections } = parts;
    return parts.does(buildEvidence({ ...sources, log, settler, policies: projections.policies }, id));
  }

  async lineOf(home: string, fromMs: number): Promise<Uint8Array> {
    const [row] = await this.query(`SELECT statement FROM rows WHERE key = '${home}' AND from_ms = ${T0 + fromMs}`);
    return row?.statement as Uint8Array;
  }

  waiting(decision: Decision): [string, string][] {
    const found = this.settling.settler.waiting.get(toHex(decisionId(decision)));
    assert.equal(found?.reason, undefined);
    return [...(found?.lines ?? [])];
  }

  async numberOf(home: string): Promise<number> {
    const { chain, contracts } = this.settling.parts.genesis;
    const number = await this.settling.parts.does(readNumber(chain, contracts, hexOf(this.logged.id), addressOf(home)));
    return number as number;
  }
}
