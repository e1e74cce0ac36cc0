import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commitMap, equalBytes, openDisclosure, proveMap, readMapProof, sha256, statePayload } from '@trine/protocol';
import { commitStates, keepState, NO_STATES, readTrust, type States, TRUST, writeTrust } from './states.ts';

const POLICY = new Uint8Array(32).fill(1);
const salt = (byte: number) => new Uint8Array(16).fill(byte);
const keep = (key: string, text: string, byte = 7) =>
  keepState(POLICY, 1_000, key, new TextEncoder().encode(text), salt(byte));

test('a state is a body behind a salted commitment that says whose it is, and until when', () => {
  const { state, commitment, disclosure } = keep('thing/1', 'so far');
  const { policy, untilMs, key, state: held } = statePayload.decode(openDisclosure(disclosure));
  assert.deepEqual([untilMs, key, new TextDecoder().decode(held)], [1_000, 'thing/1', 'so far']);
  assert.ok(equalBytes(policy, POLICY) && equalBytes(held, state));
  assert.deepEqual(commitment, sha256(disclosure));
  assert.notDeepEqual(keep('thing/1', 'so far', 8).commitment, commitment, 'another salt, another commitment');
});

test('states are one root over their keys: each is provable alone, and so is that there is none', () => {
  const states: States = new Map([
    ['thing/2', keep('thing/2', 'b')],
    ['thing/1', keep('thing/1', 'a')],
  ]);
  const commitment = commitStates(states);
  assert.deepEqual(commitment, commitStates(new Map([...states].reverse())), 'in whatever order they came');
  const commitments = new Map([...states].map(([key, one]) => [key, one.commitment]));
  assert.deepEqual(
    readMapProof(commitment, 'thing/1', proveMap(commitments, 'thing/1')),
    states.get('thing/1')?.commitment,
  );
  assert.equal(readMapProof(commitment, 'thing/3', proveMap(commitments, 'thing/3')), undefined);
  assert.deepEqual(commitStates(NO_STATES), commitMap(new Map()));
});

test('trust in things is a state of its own', () => {
  const kept = keepState(POLICY, 1, TRUST, writeTrust({ 'thing/1': 900_000 }), salt(1));
  assert.deepEqual(readTrust(new Map([[TRUST, kept]])), { 'thing/1': 900_000 });
  assert.deepEqual(readTrust(NO_STATES), {});
  const broken = keepState(POLICY, 1, TRUST, writeTrust({ 'thing/1': 2_000_000 }), salt(1));
  assert.throws(() => readTrust(new Map([[TRUST, broken]])), /trust/);
});
