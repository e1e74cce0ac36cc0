// Founding: whatever interrupts it, it goes on to the same network; and what is not that network's is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { didKey, encodeNetwork, networkId, toHex } from '@trine/protocol';
import { replaceNow } from '@trine/system/disk.ts';
import { HOME, settingsOf, T0, World } from '../testing/world.ts';
import { found, type Genesis } from './genesis.ts';

async function founding(world: World, settings = settingsOf(), verifier?: Uint8Array): Promise<Genesis> {
  const life = { isOver: false };
  const work = found(settings, (_, keys) => world.reach(keys, life), world.system(life), verifier);
  try {
    return await world.does(work);
  } finally {
    life.isOver = true;
  }
}

const fingerprint = ({ network }: Genesis) => toHex(encodeNetwork(network));

test('the document names member, log, contracts and what the network is; found again it is the same', async () => {
  const world = await World.make();
  const first = await founding(world);
  const { network, keys, origin, contracts } = first;
  const key = didKey(keys.member.publicKey);
  const founded = new Date(T0).toISOString();
  assert.equal(network.founded, founded);
  assert.equal(network.id, networkId({ name: network.name, founded, keys: [key] }));
  assert.equal(origin, `${network.id.slice(6)}.trine.example/log/1`);
  assert.deepEqual(
    network.members.map((one) => [one.key, one.logs[0]?.origin]),
    [[key, origin]],
  );
  assert.deepEqual([network.chain.kind, network.chain.direct], ['practice', contracts.direct.toLowerCase()]);
  await world.reaches(60_000);
  const again = await founding(world, settingsOf({ name: 'Another', operator: 'Somebody' } as never));
  assert.equal(fingerprint(again), fingerprint(first), 'a later name does not make another network');
});

test('interrupted anywhere, it is founded by the next start, once', async () => {
  const operations = await (async () => {
    const world = await World.make();
    await founding(world);
    return world.disk.operations;
  })();
  // Every step of the disk in the end; some on the way there, for each costs a chain.
  for (const at of [1, 3, 20, 60, operations - 20, operations - 6, operations - 3, operations - 1]) {
    const world = await World.make(at);
    world.disk.crashIn(at);
    await assert.rejects(founding(world));
    world.disk.restart();
    const first = await founding(world);
    world.disk.restart();
    assert.equal(fingerprint(await founding(world)), fingerprint(first), `crashed at ${at}`);
    assert.deepEqual(
      world.disk.list(HOME).filter((name) => name.endsWith('.new')),
      [],
    );
  }
});

test('a network keeps the verifier that it was founded with', async () => {
  const world = await World.make();
  const file = new TextEncoder().encode('<html>');
  const first = await founding(world, settingsOf(), file);
  assert.ok(first.network.verifier);
  const again = await founding(world, settingsOf(), new TextEncoder().encode('<html>2'));
  assert.equal(again.network.verifier, first.network.verifier);
});

test('other keys, or another document, are not this network: nothing is written over', async () => {
  const world = await World.make();
  const { network } = await founding(world);
  const path = `${HOME}/network.json`;
  replaceNow(world.disk, path, JSON.stringify({ ...network, name: 'Forged' }));
  await assert.rejects(founding(world), { code: 'conflict' });
  replaceNow(world.disk, path, JSON.stringify(network));
  await founding(world);
  world.disk.remove(`${HOME}/keys/log.pem`);
  await assert.rejects(founding(world), { code: 'conflict' });
});

test('an account that has nothing to pay with is named', async () => {
  const world = await World.make();
  const life = { isOver: false };
  const poor = found(
    settingsOf(),
    async (_, keys) => {
      const chain = await world.reach(keys, life);
      const request: typeof chain.request = async (call) =>
        call.method === 'eth_getBalance' ? '0x0' : chain.request(call);
      return { ...chain, request };
    },
    world.system(life),
  );
  await assert.rejects(world.does(poor), /account 0x[0-9a-f]{40} has nothing to pay/i);
});
