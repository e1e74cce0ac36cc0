// Co-deciding batches: who signs one computed its lines again, read the chain itself, and signs nothing that is paid already.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addressOfPrivateKey,
  commitRows,
  decisionId,
  decodeEvidence,
  type Evidence,
  encodeEvidence,
  fromHex,
  type Intent,
  Positions,
  readRows,
  splitRows,
} from '@trine/protocol';
import { WINDOW_S } from '../testing/customers.ts';
import { District, homes } from '../testing/district.ts';
import { type CosignBatch, cosign } from './attest.ts';
import { rowBytes } from './batches.ts';

const START_MS = 60_000;
const key = new Uint8Array(32).fill(7);

test('a batch is paid once a second decider signed it, who signs it in no other form, and no line twice', async (t) => {
  const district = await District.open(t, ['home/1', 'home/2'], ({ parts }) => {
    const { deciders } = parts.agreement();
    const second = { key: deciders.list[0]?.key as string, address: addressOfPrivateKey(key) };
    return { deciders: { list: [...deciders.list, second], quorum: 2 } };
  });
  const { settling } = district;
  const { parts, settler } = settling;
  const { chain, contracts, network } = parts.genesis;
  const decision = await district.decide(START_MS, [3, 4, 2]);
  const [waiting] = await parts.does(settler.unsigned());
  assert.deepEqual([waiting?.signatures, waiting?.quorum], [1, 2]);
  await district.pass(WINDOW_S);
  assert.equal((await district.query('SELECT * FROM settlements')).length, 0);
  const evidence = await district.file(decisionId(decision));
  const rows = fromHex(waiting?.rows as string);
  const signs = (intent: Intent, change: Partial<CosignBatch> = {}, file = evidence) => {
    const batch = { chain, contracts, rows, linesBefore: new Set<string>(), ...change };
    return parts.does(cosign(file, intent, { network, domains: parts.domains, key, batch }));
  };
  const intent = waiting?.intent as Intent;
  const refused = (why: RegExp, ...given: Parameters<typeof signs>) => assert.rejects(signs(...given), why);
  await refused(/positions that the chain shows/, { ...intent, positionsBefore: intent.positionsAfter });
  await refused(/would be refuted: root/, { ...intent, positionsAfter: intent.positionsBefore });
  await refused(/obligation/, { ...intent, obligation: `0x${'11'.repeat(32)}` });
  await refused(/line of home\/1 .* signed before/, intent, { linesBefore: new Set(['home/1']) });
  // More for one and less for another adds up to zero, too.
  const [one, two, ...others] = readRows(splitRows(rows)).filter(({ amount }) => amount < 0n);
  assert.ok(one && two && others.length === 0);
  const moved = readRows(splitRows(rows)).map((row) =>
    row.number === one.number
      ? { ...row, amount: row.amount - 1n }
      : row.number === two.number
        ? { ...row, amount: row.amount + 1n }
        : row,
  );
  const { rowsHash } = commitRows(moved);
  const positionsAfter = new Positions().apply(moved).root();
  await refused(
    /rows are not those of the decision/,
    { ...intent, rowsHash, positionsAfter },
    { rows: rowBytes(moved) },
  );
  const file: Evidence = decodeEvidence(evidence);
  await refused(/does not hold/, intent, {}, encodeEvidence({ ...file, salts: [] }));
  await parts.does(settler.addSignature(fromHex(waiting?.digest as string), await signs(intent)));
  await settling.settle();
  await district.pass(WINDOW_S);
  assert.equal((await district.query('SELECT * FROM settlements')).length, 1);
  const line = await district.verify(await district.lineOf(homes[0] as string, START_MS));
  assert.equal(line.verdict, 'members-word');
  assert.match(line.steps.find(({ name }) => name === 'deciders')?.detail ?? '', /^2 of 2 deciders; 2 needed$/);
});
