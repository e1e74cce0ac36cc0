// Acknowledgements: one signature for many messages, each provable by itself and by nobody else's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, FormatError, verifyAcknowledgement } from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { T0 } from '../testing/world.ts';
import { createAcknowledger } from './acknowledger.ts';

const network = `trine:${'0'.repeat(32)}`;
const answer = (n: number): Answer => ({ id: new Uint8Array(32).fill(n), verdict: 'sealed', index: n });

function counted() {
  const signer = temporarySigner();
  const made = { signatures: 0 };
  const counting = {
    ...signer,
    sign: (message: Uint8Array) => {
      made.signatures++;
      return signer.sign(message);
    },
  };
  const { sign } = createAcknowledger(counting, { network, subject: 'node/1', now: () => T0 });
  return { sign, made, key: signer.publicKey };
}

test('each message gets its own answers, all under one signature', async () => {
  const { sign, made, key } = counted();
  const messages = [[answer(1)], [answer(2), answer(3)], [], [answer(4)], [answer(5)]];
  const signed = await sign(messages);
  assert.equal(made.signatures, 1);
  assert.deepEqual(
    signed.map((one) => verifyAcknowledgement(one, key).map(({ index }) => index)),
    messages.map((all) => all.map(({ index }) => index)),
  );
  const [alone] = await sign([[answer(6)]]);
  assert.equal(verifyAcknowledgement(alone as Uint8Array, key)[0]?.index, 6);
  assert.equal(made.signatures, 2);
});

test('another gateway’s, and one in which anything was changed, are refused', async () => {
  const { sign, key } = counted();
  const [first] = await sign([[answer(1)], [answer(2)]]);
  const bytes = first as Uint8Array;
  assert.throws(() => verifyAcknowledgement(bytes, temporarySigner().publicKey), FormatError);
  for (let at = 0; at < bytes.length; at += 7) {
    const changed = Uint8Array.from(bytes);
    changed[at] = (changed[at] as number) ^ 1;
    assert.throws(() => verifyAcknowledgement(changed, key), `byte ${at}`);
  }
});
