// An older copy of the log put back: the chain knows better, and the node does not start with it.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { latestAnchor } from '@trine/ledger/checkpoints.ts';
import { TrineError } from '@trine/protocol';
import { startPlatform, until } from './platform.ts';

test('a node does not go on from an older copy of its log, and starts again with the newest', async (t) => {
  let running = await startPlatform();
  const { home } = running;
  t.after(async () => {
    await running.stop();
    rmSync(home, { recursive: true, force: true });
  });
  await running.stop();
  const early = running.node.log.size;
  const [log, old, newest] = ['log', 'log.old', 'log.newest'].map((name) => join(home, name)) as [
    string,
    string,
    string,
  ];
  cpSync(log, old, { recursive: true });
  const before = readFileSync(join(old, 'public', 'checkpoint'), 'utf8');

  running = await startPlatform(home);
  const { node } = running;
  const more = async () => (node.log.durableSize > early ? node.log.durableSize : undefined);
  const size = await until('another leaf', more);
  await node.settler.anchor(size);
  await until('an anchor', async () => {
    const anchored = await latestAnchor(node.genesis.chain, node.genesis.contracts, node.genesis.origin);
    return anchored && Number(anchored.size) >= size ? anchored : undefined;
  });
  await running.stop();

  renameSync(log, newest);
  cpSync(old, log, { recursive: true });
  await assert.rejects(startPlatform(home), (error) => {
    assert.ok(error instanceof TrineError);
    assert.equal(error.code, 'damaged');
    assert.match(error.message, /^\d+ leaves of this log are anchored in the chain, and only \d+ are here/);
    assert.match(error.message, /Put back the newest copy of the data folder\./);
    return true;
  });
  assert.equal(readFileSync(join(log, 'public', 'checkpoint'), 'utf8'), before, 'nothing was appended or signed');

  rmSync(log, { recursive: true });
  renameSync(newest, log);
  running = await startPlatform(home);
  assert.ok(running.node.log.durableSize >= size);
});
