// What a second decider is asked to sign, by a node of the tests that is honest, or lies.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import {
  type Agreement,
  type Decision,
  decisionId,
  decisionPayload,
  encodeIntent,
  hexOf,
  type Intent,
  intentDigest,
  intentEntries,
  NO_BATCH,
  networkIdOnChain,
  obligationId,
  secondsOf,
  ZERO_HASH,
} from '@trine/protocol';
import type { Said } from '../codecide/co-decider.ts';
import type { LoggedAgreement } from '../projections/policies.ts';
import { twoDeciders } from './co-deciding.ts';
import { ServedNode } from './served.ts';
import { T0 } from './world.ts';

export class Scene {
  readonly served: ServedNode;
  readonly logged: LoggedAgreement;

  constructor(served: ServedNode, logged: LoggedAgreement) {
    this.served = served;
    this.logged = logged;
  }

  static async open(t: TestContext, change: (made: Agreement) => Partial<Agreement> = () => ({})): Promise<Scene> {
    const served = await ServedNode.open();
    t.after(() => served.close());
    const { parts, decisions } = served.settling;
    const made = parts.agreement();
    const policy = { ...made, ...twoDeciders(made), ...change(made) };
    const logged = (await served.does(decisions.propose(policy))) as LoggedAgreement;
    return new Scene(served, logged);
  }

  /** One of two statements came: five cents are owed for the window that begins so many milliseconds after the founding. */
  async owes(fromMs = 0): Promise<Decision> {
    const { parts, settling } = this.served;
    await parts.say([{ atMs: fromMs + 1_000 }]);
    const decided = await parts.decideAt(fromMs + 12_000);
    await settling.settle();
    return decided.find(({ obligation }) => obligation.fromMs === T0 + fromMs) ?? assert.fail();
  }

  /** What the log's owner seals itself, whatever follows from what came in. */
  async seals(decision: Decision): Promise<void> {
    const { identities } = this.served.parts;
    const { subject } = this.logged.policy;
    await this.served.does(identities.member.issue('decision', subject, decisionPayload.encode(decision)));
  }

  intentOf(decision: Decision, change: Partial<Intent> = {}): Intent {
    const { policy, id, hash } = this.logged;
    const { money } = policy;
    return {
      ...{
        network: networkIdOnChain(policy.network),
        chainId: BigInt(money.chainId),
        settler: money.contract as `0x${string}`,
      },
      ...{ agreement: hexOf(id), termsHash: `0x${hash}`, obligation: hexOf(obligationId(decision.obligation)) },
      ...secondsOf(decision.obligation),
      ...{ entries: intentEntries(policy, [{ decision }]), ...NO_BATCH, token: money.token as `0x${string}` },
      ...{ validAfter: 0n, deadline: BigInt(Math.floor(this.served.node.clock() / 1000)) + 3_600n },
      ...{ decision: hexOf(decisionId(decision)), supersedes: ZERO_HASH, ...change },
    };
  }

  async orders(intent: Intent): Promise<string> {
    await this.served.does(this.served.parts.ingest.appendIntent(encodeIntent(intent)));
    await this.served.recorded();
    return intentDigest(intent).slice(2);
  }

  async signatures(): Promise<number[]> {
    return (await this.served.does(this.served.settling.settler.unsigned())).map(({ signatures }) => signatures);
  }
}

/** What was said of each, and why. */
export const words = (said: readonly Said[]) => said.map((one) => `${one.state}: ${one.words}`);
