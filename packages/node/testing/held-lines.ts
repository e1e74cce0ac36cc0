// A district in which the gate holds lines, and a second decider beside it: what tests of lines that are held do again and again.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import {
  type Agreement,
  type Decision,
  decisionId,
  decodeEvidence,
  decodeLeaf,
  type Evidence,
  encodeEvidence,
  encodeStatementLeaf,
  fromHex,
  hexOf,
  leafHash,
  memoryTree,
  obligationId,
  parseStatement,
  policyHash,
  proofRanges,
  type Release,
  type Report,
  releaseDigest,
  releasePayload,
  type StatementContent,
  signCheckpoint,
  signDigest,
  signStatement,
  toHex,
  treeRoot,
  verifyEvidence,
} from '@trine/protocol';
import type { Said as SaidByDecider } from '../codecide/co-decider.ts';
import { keptIn, SECOND, secondDecider, twoDeciders } from './co-deciding.ts';
import { addressOf, WINDOW_S } from './customers.ts';
import { District, homes } from './district.ts';
import { lined } from './lines.ts';
import { installedCounting } from './parts.ts';
import { problemOf, ServedNode } from './served.ts';
import { openSettling, type Settling } from './settling.ts';

/** What somebody says by hand. */
interface Word {
  readonly ruling?: Release['ruling'];
  readonly row?: string;
  /** What is signed, where it is something else. */
  readonly about?: Partial<Pick<Release, 'decision' | 'row' | 'ruling'>>;
}

/** Begin of the window that is decided first, milliseconds after the founding. */
export const HELD_MS = 60_000;

export class HeldLines {
  readonly district: District;
  served: ServedNode;
  second: ReturnType<typeof secondDecider>;

  constructor(district: District) {
    this.district = district;
    this.served = ServedNode.over(district.settling);
    this.second = secondDecider(this.served, keptIn(this.served));
  }

  /** Two deciders, and corrections as long as anybody tests. */
  static async open(
    t: TestContext,
    given: (settling: Settling) => Partial<Agreement> = () => ({}),
    joined: readonly string[] = homes,
  ): Promise<HeldLines> {
    const district = await District.open(t, joined, (settling) => ({
      ...twoDeciders(settling.parts.agreement()),
      correctableMs: 86_400_000,
      ...given(settling),
    }));
    return new HeldLines(district);
  }

  get keys() {
    return this.served.node.genesis.keys;
  }

  /** Decides on a window in which some spoke with keys that the terms do not trust enough. @param held what these said, by home */
  async decide(said: Record<string, number>, held: Record<string, number>, fromMs = HELD_MS): Promise<Decision> {
    const { parts, settle } = this.district.settling;
    const all = { ...said, ...held };
    await parts.say([
      { thing: 'market/1', atMs: fromMs + 1_000, value: 10 },
      ...Object.keys(all).map((thing, i) => ({
        ...{ thing, atMs: fromMs + 2_000 + i * 100, value: all[thing] as number },
        ...(thing in held && { class: 'gateway' as const }),
      })),
    ]);
    const [decision, ...more] = (await parts.decideAt(fromMs + 11_500)).filter(({ outcome }) => outcome !== 'none');
    assert.ok(decision && more.length === 0);
    await settle();
    return decision;
  }

  /** What a home says late of the window that was decided first, as what it said so soon after its begin. @returns the correction */
  async corrects(thing: string, value: number, afterMs = 1_500): Promise<Decision> {
    const { parts, settle } = this.district.settling;
    const atMs = parts.world.time.elapsedMs + 1_000;
    await parts.say([{ thing, atMs, ofMs: HELD_MS + afterMs, value, class: 'gateway' }]);
    const decision = (await parts.decideAt(atMs + 12_000)).find(({ obligation }) => obligation.base !== undefined);
    assert.ok(decision);
    await settle();
    return decision;
  }

  async post(decision: Decision, key: Uint8Array, { ruling = 'pay', row, about = {} }: Word) {
    const { logged } = this.district;
    const signed = { decision: decisionId(decision), ruling, ...(row !== undefined && { row }), ...about };
    const signature = signDigest(releaseDigest(logged.id, signed, logged.policy.money), key);
    const body = { ruling, reason: 'Read off on the spot', ...(row !== undefined && { row }), signature };
    return this.served.post(`/api/v1/held/${toHex(decisionId(decision))}/release`, body, { token: '' });
  }

  /** @returns the state, or why it was refused */
  async says(decision: Decision, key: Uint8Array, word: Word): Promise<string> {
    const answer = await this.post(decision, key, word);
    return answer.status === 200 ? (answer.json() as { state: string }).state : problemOf(answer).code;
  }

  /** Both deciders say the same. */
  async rules(decision: Decision, word: Word): Promise<void> {
    assert.equal(await this.says(decision, this.keys.account, word), 'waits');
    assert.equal(await this.says(decision, SECOND, word), 'sealed');
  }

  /** Seals a release as a member does who takes no notice of what it is about. */
  async seals(decision: Decision, { ruling = 'pay', row }: Word): Promise<void> {
    const { logged, settling } = this.district;
    const about = { decision: decisionId(decision), ruling, ...(row !== undefined && { row }) };
    const digest = releaseDigest(logged.id, about, logged.policy.money);
    const signatures = [this.keys.account, SECOND].map((key) => fromHex(signDigest(digest, key)));
    const release: Release = {
      ...{ trine: 'release/1', policy: policyHash(logged.policy), ...about },
      ...{ reason: 'Never mind', signatures },
    };
    const { member } = settling.parts.identities;
    await this.served.does(member.issue('release', logged.policy.subject, releasePayload.encode(release)));
    settling.settler.decided({ outcome: 'pay' });
  }

  /** The second decider looks, and what it signs is paid. @returns what it said */
  async pays(): Promise<SaidByDecider[]> {
    const { settling } = this.district;
    await settling.settle();
    const said = await this.second.round();
    await settling.settle();
    await this.district.pass(WINDOW_S);
    return said;
  }

  /** The power fails, and all starts again. */
  async crashes(): Promise<void> {
    const { world, life } = this.district.settling.parts;
    life.isOver = true;
    world.disk.restart();
    this.district.settling = await openSettling({ world, installed: [installedCounting, lined] });
    this.served = ServedNode.over(this.district.settling);
    this.second = secondDecider(this.served, keptIn(this.served));
  }

  /** How many batches were ordered, and how many paid. */
  async counts(): Promise<[number, number]> {
    const count = async (table: string) => (await this.district.query(`SELECT * FROM ${table}`)).length;
    return [await count('intents'), await count('settlements')];
  }

  /** What a home has gained or lost by all batches, minor units. */
  async position(home: string): Promise<number> {
    const { served, district } = this;
    const proof = await served.does(served.node.settler.positionOf(hexOf(district.logged.id), addressOf(home)));
    return Number(proof?.position ?? 0n);
  }

  async held(): Promise<{ id: string; amount: number; lines?: number; gate: string[] }[]> {
    return this.served.get('/api/v1/held');
  }

  async lines(
    decision: Decision,
    query = '',
  ): Promise<{ items: { key: string; amount: number; gate: string[]; words: object[] }[]; next?: string }> {
    return this.served.get(`/api/v1/held/${toHex(decisionId(decision))}/lines${query}`);
  }

  /** The file of a home's line in a decision. */
  async file(home: string, decision: Decision): Promise<Evidence> {
    const own = toHex(obligationId(decision.obligation));
    const rows = await this.district.query(`SELECT statement, obligation FROM rows WHERE key = '${home}'`);
    const row = rows.find(({ obligation }) => toHex(obligation as Uint8Array) === own);
    const statement = row?.statement as Uint8Array;
    return decodeEvidence(await this.district.file(statement));
  }

  verify(file: Evidence): Promise<Report> {
    return verifyEvidence(encodeEvidence(file), this.district.options);
  }

  /** A file with other leaves, and the proofs that takes: as whoever keeps the log could write it. */
  async rewrite(file: Evidence, leave: number, add: readonly number[]): Promise<Evidence> {
    const { log } = this.served.parts;
    const [own] = file.logs;
    assert.ok(own);
    const size = Number(own.checkpoint.split('\n')[1]);
    const kept = own.leaves.map(({ index }) => index).filter((index) => index !== leave);
    const indexes = [...new Set([...kept, ...add])].sort((a, b) => a - b);
    const proof: Uint8Array[] = [];
    for (const [from, to] of proofRanges(indexes, size)) proof.push(await log.subtreeRoot(from, to));
    const leaves = indexes.map((index) => ({ index, leaf: log.read(index) }));
    return { ...file, logs: [{ ...own, leaves, proof }] };
  }

  /** A file with another release at a leaf, in a log that its keeper wrote anew and signed: anchored it is not. */
  async forge(file: Evidence, at: number, change: (release: Release) => Partial<Release>): Promise<Evidence> {
    const { log } = this.served.parts;
    const { member, log: logKey } = this.keys;
    const [own] = file.logs;
    const leaf = decodeLeaf(log.read(at));
    assert.ok(own && leaf.kind === 'statement');
    const { header, payload } = parseStatement(leaf.statement);
    const release = releasePayload.decode(payload);
    const forged = releasePayload.encode({ ...release, ...change(release) });
    const { bytes } = await signStatement(member, { ...header, payload: forged } as StatementContent);
    const size = Number(own.checkpoint.split('\n')[1]);
    const all = Array.from({ length: size }, (_, index) =>
      index === at ? encodeStatementLeaf(leaf.arrivalMs, bytes) : log.read(index),
    );
    const hashes = all.map(leafHash);
    const root = treeRoot(size, memoryTree(hashes));
    const { origin } = this.served.node.genesis;
    const { note } = signCheckpoint({ origin, size, root }, logKey.publicKey.raw, logKey.sign);
    const indexes = own.leaves.map(({ index }) => index);
    const proof = proofRanges(indexes, size).map(([from, to]) =>
      treeRoot(to - from, memoryTree(hashes.slice(from, to))),
    );
    const leaves = indexes.map((index) => ({ index, leaf: all[index] as Uint8Array }));
    return { ...file, logs: [{ ...own, checkpoint: note, leaves, proof }] };
  }

  /** What deciders sign of a line, or of all. */
  signatures(decision: Decision, about: Omit<Partial<Release>, 'decision'>, keys: readonly Uint8Array[]): Uint8Array[] {
    const { logged } = this.district;
    const said = { decision: decisionId(decision), ruling: 'pay' as const, ...about };
    return keys.map((key) => fromHex(signDigest(releaseDigest(logged.id, said, logged.policy.money), key)));
  }
}
