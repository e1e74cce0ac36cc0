import assert from 'node:assert/strict';
import { test } from 'node:test';
import { originHash } from '@trine/protocol';
import { account } from './chain.ts';
import { ReferenceLog } from './log.ts';
import { ORIGIN, reverts, type Scene, startScene } from './scene.ts';

const grow = (scene: Scene, leaves: number) => {
  for (let i = 0; i < leaves; i++) scene.log.append(Uint8Array.of(1, scene.log.size & 255, scene.log.size >> 8));
};
const isAnchored = (scene: Scene, size: number) =>
  scene.read(scene.checkpoints, 'isAnchored', [
    originHash(ORIGIN),
    BigInt(size),
    scene.log.root(size),
  ]) as Promise<bigint>;

test('anchors what a quorum signed and what extends the last checkpoint', async () => {
  const scene = await startScene();
  grow(scene, 5);
  await scene.anchor();
  const time = await scene.chain.now();
  grow(scene, 9);
  await scene.anchor();
  assert.equal(await isAnchored(scene, 5), time);
  assert.ok((await isAnchored(scene, 14)) > 0n);
  assert.equal(await isAnchored(scene, 6), 0n);
  const wrongRoot = [originHash(ORIGIN), 14n, scene.log.root(5)];
  assert.equal(await scene.read(scene.checkpoints, 'isAnchored', wrongRoot), 0n);
  const [size, root] = (await scene.read(scene.checkpoints, 'latest', [originHash(ORIGIN)])) as [
    bigint,
    string,
    bigint,
  ];
  assert.deepEqual([size, root], [14n, scene.log.root()]);
});

test('refuses too few, repeated, unsorted, foreign and suspended signers', async () => {
  const scene = await startScene();
  grow(scene, 3);
  const root = scene.log.root();
  const [a, b, c] = scene.members;
  const anchor = (signatures: unknown[]) =>
    scene.send(scene.payer, scene.checkpoints, 'anchor', [ORIGIN, 3n, root, [], signatures]);
  const [signA, signB, signC] = await scene.signAnchor([a!, b!, c!], 3, root);
  const [stranger] = await scene.signAnchor([account('stranger')], 3, root);
  const [otherRoot] = await scene.signAnchor([b!], 3, scene.log.root(2));
  await reverts(anchor([signA]), 'NotEnoughSignatures');
  await reverts(anchor([signA, signA]), 'SignersNotAscending');
  await reverts(anchor([signB, signA]), 'SignersNotAscending');
  const pair =
    account('stranger').address.toLowerCase() < a!.address.toLowerCase() ? [stranger, signA] : [signA, stranger];
  await reverts(anchor(pair), 'NotAMember');
  const mixed = anchor([signA, otherRoot]);
  await assert.rejects(mixed, /NotAMember|SignersNotAscending/);
  await anchor([signA, signB, signC]);
});

test('refuses a fork, even signed by all', async () => {
  const scene = await startScene();
  grow(scene, 7);
  await scene.anchor();
  const fork = new ReferenceLog().append(...Array.from({ length: 12 }, (_, i) => Uint8Array.of(9, i)));
  const anchor = async (size: number, root: string, proof: unknown[]) =>
    scene.send(scene.payer, scene.checkpoints, 'anchor', [
      ORIGIN,
      BigInt(size),
      root,
      proof,
      await scene.signAnchor(scene.members, size, root as never),
    ]);
  await reverts(anchor(12, fork.root(), fork.consistency(7)), 'NotConsistent');
  await reverts(anchor(7, fork.root(7), []), 'NotLarger');
  await reverts(anchor(6, scene.log.root(6), []), 'NotLarger');
  grow(scene, 5);
  await reverts(anchor(12, scene.log.root(), scene.log.consistency(6)), 'NotConsistent');
  await scene.anchor();
});

test('a quorum cannot end a log by a size that nothing grows beyond', async () => {
  const scene = await startScene();
  const GROWTH_MAX = 2n ** 32n;
  const anchor = async (size: bigint, proof: unknown[] = []) =>
    scene.send(scene.payer, scene.checkpoints, 'anchor', [
      ...[ORIGIN, size, scene.log.root(), proof],
      await scene.signAnchor(scene.members, size as never, scene.log.root() as never),
    ]);
  grow(scene, 3);
  for (const size of [2n ** 64n - 1n, GROWTH_MAX + 1n]) await reverts(anchor(size), 'GrownTooMuch');
  await scene.anchor();
  for (const size of [2n ** 64n - 1n, GROWTH_MAX + 4n]) await reverts(anchor(size), 'GrownTooMuch');
  // As large as may be: then the proof decides.
  await reverts(anchor(GROWTH_MAX + 3n), 'NotConsistent');
  grow(scene, 1);
  await scene.anchor();
});

test('keeps the last 256 roots of a log, at constant gas', async () => {
  const scene = await startScene({ members: 1, quorum: 1 });
  const gas: bigint[] = [];
  for (let i = 0; i < 260; i++) {
    grow(scene, 1);
    gas.push((await scene.anchor()).gasUsed);
  }
  for (const size of [5, 6, 100, 256, 259, 260]) assert.ok((await isAnchored(scene, size)) > 0n, `size ${size}`);
  for (const size of [1, 4]) assert.equal(await isAnchored(scene, size), 0n, `size ${size}`);
  // Once the ring is full its slots are rewritten, which costs less than filling them.
  assert.ok(gas[259]! < gas[100]!);
});

test('the registry changes by a majority of its members, each approval once', async () => {
  const scene = await startScene();
  const [a, b, c] = scene.members;
  const newcomer = account('newcomer').address;
  const signTypedData = (who: typeof a, message: Record<string, unknown>) =>
    who!.signTypedData({
      domain: { name: 'Trine', version: '1', chainId: Number(scene.chain.chainId), verifyingContract: scene.registry },
      types: {
        MemberChange: [
          { name: 'member', type: 'address' },
          { name: 'organisation', type: 'string' },
          { name: 'logKey', type: 'bytes32' },
          { name: 'active', type: 'bool' },
          { name: 'quorum', type: 'uint16' },
          { name: 'nonce', type: 'uint256' },
        ],
      },
      primaryType: 'MemberChange',
      message: message as never,
    });
  const change = async (member: string, active: boolean, quorum: number, nonce: bigint, by: (typeof a)[]) => {
    const message = {
      member,
      organisation: 'did:web:new.example',
      logKey: `0x${'00'.repeat(32)}`,
      active,
      quorum,
      nonce,
    };
    const approvals = await Promise.all(by.map((who) => signTypedData(who, message)));
    const args = [member, message.organisation, message.logKey, active, quorum, approvals];
    return scene.send(scene.payer, scene.registry, 'changeMember', args);
  };
  await reverts(change(newcomer, true, 3, 0n, [a]), 'NotEnoughSignatures');
  await reverts(change(newcomer, true, 2, 0n, [a, b]), 'BadQuorum');
  await change(newcomer, true, 3, 0n, [a, b]);
  assert.equal(await scene.read(scene.registry, 'activeMembers'), 4);
  // The same approvals again name a nonce that has passed, so they recover to strangers.
  await assert.rejects(change(newcomer, true, 3, 0n, [a, b, c]), /NotAMember|SignersNotAscending/);
  await change(c!.address, false, 2, 1n, [a, b, c]);
  assert.equal(await scene.read(scene.registry, 'isMember', [c!.address]), false);
});

test('keys belong to the member that entered them, are entered once and revoked for good', async () => {
  const scene = await startScene();
  const [a, b] = scene.members;
  const key = `0x${'ab'.repeat(32)}`;
  const subject = `0x${'cd'.repeat(32)}`;
  await reverts(scene.send(scene.payer, scene.registry, 'registerKey', [key, subject, 2]), 'NotAMember');
  await reverts(scene.send(a!, scene.registry, 'registerKey', [key, subject, 6]), 'BadClass');
  await scene.send(a!, scene.registry, 'registerKey', [key, subject, 2]);
  await scene.send(b!, scene.registry, 'registerKey', [key, subject, 5]);
  await reverts(scene.send(a!, scene.registry, 'registerKey', [key, subject, 2]), 'KeyExists');
  await scene.send(a!, scene.registry, 'revokeKey', [key]);
  await reverts(scene.send(a!, scene.registry, 'revokeKey', [key]), 'KeyNotActive');
  await reverts(scene.send(a!, scene.registry, 'registerKey', [key, subject, 2]), 'KeyExists');
  const mine = (await scene.read(scene.registry, 'getKey', [a!.address, key])) as { since: bigint; until: bigint };
  assert.ok(mine.until > mine.since);
  assert.equal(((await scene.read(scene.registry, 'getKey', [b!.address, key])) as { status: number }).status, 1);
});
