// Connections are counted while they are open, by address whatever its form, and a proxy on this machine is none too many.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import fc from 'fast-check';
import { Counters } from '../counters.ts';
import { ConnectionGate, isThisMachine, plainAddress } from './connection-gate.ts';

class Connection extends EventEmitter {
  isDestroyed = false;
  destroy(): void {
    this.isDestroyed = true;
  }
}

function gateOf(connectionsMax: number, connectionsPerAddressMax: number) {
  const counters = new Counters();
  const gate = new ConnectionGate({ connectionsMax, connectionsPerAddressMax }, counters);
  const enter = (address: string | undefined) => {
    const connection = new Connection();
    return { connection, isIn: gate.enter(connection, address) };
  };
  return { gate, counters, enter };
}

test('too many of one address are closed and counted; who leaves makes room for it alone', () => {
  const { gate, counters, enter } = gateOf(10, 2);
  const [first, second, third] = [enter('192.0.2.1'), enter('::ffff:192.0.2.1'), enter('192.0.2.1')];
  assert.deepEqual([first.isIn, second.isIn, third.isIn], [true, true, false]);
  assert.deepEqual([first.connection.isDestroyed, third.connection.isDestroyed], [false, true]);
  assert.equal(counters.get('too-many-connections-of-one-address'), 1);
  assert.ok(enter('192.0.2.2').isIn, 'another has room');
  // What never came in takes no place, and gives none back.
  third.connection.emit('close');
  assert.equal(gate.open, 3);
  first.connection.emit('close');
  first.connection.emit('close');
  assert.equal(gate.open, 2, 'it is closed once');
  assert.ok(enter('192.0.2.1').isIn);
  assert.equal(enter('192.0.2.1').isIn, false);
});

test('this machine’s own address is limited in all alone', () => {
  const { gate, counters, enter } = gateOf(4, 1);
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '127.9.9.9']) assert.ok(enter(address).isIn, address);
  assert.equal(enter('::1').isIn, false);
  assert.deepEqual([counters.get('too-many-connections'), gate.open], [1, 4]);
  // One that hides behind a name like it is not of this machine.
  for (const address of ['::ffff:192.0.2.1', '1127.0.0.1', '::2', 'unknown', '12.7.0.1'])
    assert.equal(isThisMachine(plainAddress(address)), false, address);
});

test('connections whose address nobody knows are of one address', () => {
  const { enter } = gateOf(10, 1);
  assert.deepEqual([enter(undefined).isIn, enter(undefined).isIn], [true, false]);
});

test('property: however they come and go, as many are open as came in and did not leave, within both limits', () => {
  const step = fc.record({ address: fc.integer({ min: 1, max: 4 }), leaves: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { gate, counters, enter } = gateOf(5, 2);
      const open: { readonly address: string; readonly connection: Connection }[] = [];
      let refused = 0;
      for (const { address, leaves } of steps) {
        if (leaves) open.shift()?.connection.emit('close');
        else {
          const from = `192.0.2.${address}`;
          const isRoom = open.length < 5 && open.filter((one) => one.address === from).length < 2;
          const { connection, isIn } = enter(from);
          assert.equal(isIn, isRoom);
          if (isIn) open.push({ address: from, connection });
          else refused++;
        }
        assert.equal(gate.open, open.length);
      }
      assert.equal(
        counters.entries().reduce((sum, [, count]) => sum + count, 0),
        refused,
      );
    }),
  );
});
