// Circles of members whose obligations are netted: what tests of batches do again and again.
import type { Hex, PrivateKeyAccount } from 'viem';
import { account } from './chain.ts';
import { chunksOf, PositionTree, type Row } from './positions.ts';
import { reverts } from './scene.ts';
import { type Intent, type SettlementScene, startSettlementScene, WINDOW } from './settlement-scene.ts';

export interface Circle {
  readonly id: Hex;
  readonly people: PrivateKeyAccount[];
  readonly tree: PositionTree;
}
export interface Batch {
  readonly what: Intent;
  readonly bytes: Hex[];
  readonly hashes: Hex[];
  readonly rows: readonly Row[];
  readonly after: PositionTree;
}

/** What tests do with circles on a chain of their own. */
export async function startCircles() {
  const scene: SettlementScene = await startSettlementScene();
  let salt = 1;

  /** An agreement with members 1…n, each of whom has locked 1,000 and may lose 400 by one obligation. */
  async function circle(members: number, over: Record<string, unknown> = {}) {
    const word: Hex = `0x${(salt++).toString(16).padStart(64, '0')}`;
    const people = Array.from({ length: members }, (_, i) => account(`member ${word} ${i}`));
    const parties = people.map(({ address }) => address);
    const id = await scene.open(await scene.terms({ salt: word, settler: scene.batch, parties, ...over }));
    for (const person of people) {
      await scene.fund(person, 1000n);
      const limits = { perObligation: 400n, amount: 1000n, from: (await scene.chain.now()) - 60n };
      await scene.authorize(person, id, limits, undefined, scene.batch);
    }
    return { id, people, tree: new PositionTree() };
  }

  /** An intent over rows; `after` unless told is the true tree. */
  async function batchOf(
    { id, tree }: Circle,
    rows: readonly Row[],
    over: Partial<Intent> = {},
    after = tree.clone().apply(rows),
  ) {
    const { bytes, hashes, rowsHash } = chunksOf(rows);
    const what = await scene.intent(id, {
      settler: scene.batch,
      entries: [],
      rowsHash,
      rowCount: rows.length,
      positionsBefore: tree.root(),
      positionsAfter: after.root(),
      ...over,
    });
    return { what, bytes, hashes, rows, after };
  }
  const announce = async ({ what, hashes }: Batch) =>
    scene.send(scene.batch, 'announce', [what, hashes, ...(await scene.seal(what))]);
  const publish = async ({ what, bytes }: Batch) => {
    for (const chunk of bytes) await scene.send(scene.batch, 'publish', [what, chunk]);
  };
  const settle = ({ what }: Batch) => scene.send(scene.batch, 'settle', [what]);
  async function under(circle: Circle, rows: readonly Row[], over: Partial<Intent> = {}, after?: PositionTree) {
    const batch = await batchOf(circle, rows, over, after);
    await announce(batch);
    await publish(batch);
    return batch;
  }
  async function settled(circle: Circle, rows: readonly Row[]) {
    const batch = await under(circle, rows);
    await scene.chain.advance(Number(WINDOW));
    await settle(batch);
    circle.tree.apply(rows);
    return batch;
  }
  async function claim(circle: Circle, who: PrivateKeyAccount, amount: bigint, number?: number) {
    const own = number ?? ((await scene.read(scene.batch, 'numberOf', [circle.id, who.address])) as number);
    const { act, proof } = await scene.sign(scene.batch, 'Claim', who, {
      agreement: circle.id,
      account: who.address,
      amount,
    });
    return scene.send(scene.batch, 'claim', [act, circle.tree.prove(own), proof]);
  }
  const refuteRow = ({ what, bytes }: Batch, number: number, chunk = 0) =>
    scene.send(scene.batch, 'refuteRow', [what, number, BigInt(chunk), bytes[chunk]]);
  const refuteLock = ({ what, bytes }: Batch, tree: PositionTree, number: number) =>
    scene.send(scene.batch, 'refuteLock', [what, 0n, bytes[0], tree.prove(number)]);
  const refutePosition = ({ what, bytes, after }: Batch, tree: PositionTree, number: number) =>
    scene.send(scene.batch, 'refutePosition', [what, 0n, bytes[0], tree.prove(number), after.prove(number)]);
  const expectNoFault = async (batch: Batch, tree: PositionTree, number: number) => {
    await reverts(refuteRow(batch, number), 'NotRefuted');
    await reverts(refuteLock(batch, tree, number), 'NotRefuted');
    await reverts(refutePosition(batch, tree, number), 'NotRefuted');
  };

  return {
    scene,
    circle,
    batchOf,
    announce,
    publish,
    settle,
    under,
    settled,
    claim,
    refuteRow,
    refuteLock,
    refutePosition,
    expectNoFault,
  };
}
