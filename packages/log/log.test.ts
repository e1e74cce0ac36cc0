import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  addSignature,
  cosign,
  leafHash,
  memoryTree,
  parseVerifierKey,
  SIGNATURE_COSIGNATURE_V1,
  type SignedCheckpoint,
  treeRoot,
  verifierKey,
  verifyConsistency,
  verifyInclusion,
  verifyProof,
} from '@trine/protocol';
import { LogDamagedError, LogLockedError, LogStoppedError, PushBackError } from './errors.ts';
import { fsck } from './fsck/fsck.ts';
import { filesOf, fill, key, leafOf, manual, ORIGIN, otherKey, temporaryFolder, VKEY } from './log.fixture.ts';
import { openLog } from './log.ts';

const logKey = parseVerifierKey(VKEY);

describe('appending', () => {
  test('a new log publishes the empty tree', async (t) => {
    const log = await openLog(manual(temporaryFolder(t)));
    assert.equal(log.size, 0);
    assert.equal(log.checkpoint.size, 0);
    assert.equal(log.vkey, VKEY);
    assert.ok((await fsck(log.publicDirectory, VKEY)).ok);
    await log.close();
  });

  test('indexes are consecutive, leaves are copied, receipts verify', async (t) => {
    const log = await openLog(manual(temporaryFolder(t)));
    const mine = Uint8Array.of(1, 2, 3);
    const a = log.append([mine, Uint8Array.of(4)]);
    const b = log.append([Uint8Array.of(5)]);
    mine.fill(9);
    assert.deepEqual([a.first, b.first, log.size, log.durableSize], [0, 2, 3, 0]);
    assert.deepEqual(log.read(0), Uint8Array.of(1, 2, 3));
    await Promise.all([a.durable, b.durable]);
    assert.equal(log.durableSize, 3);
    assert.equal(log.checkpoint.size, 0);
    await assert.rejects(log.receipt(0), { code: 'not-found' });
    await log.publish();
    assert.equal(verifyProof(await log.receipt(2), Uint8Array.of(5), { logKey }).index, 2);
    await log.close();
  });

  test('a receipt under a cosigned checkpoint carries the cosignatures', async (t) => {
    const log = await openLog(manual(temporaryFolder(t)));
    await fill(log, 5);
    const checkpoint = await log.publish();
    const witness = { name: 'witness.example', ...otherKey, timestamp: 1_700_000_000 };
    const cosigned = { ...checkpoint, note: addSignature(checkpoint.note, cosign(checkpoint.note, witness)) };
    const witnesses = [verifierKey(witness.name, witness.publicKey, SIGNATURE_COSIGNATURE_V1)];
    const receipt = await log.receipt(3, cosigned);
    assert.equal(verifyProof(receipt, leafOf(3), { logKey, witnesses, quorum: 1 }).cosignatures.length, 1);
    await log.close();
  });

  test('a leaf of a wrong length refuses the whole call', async (t) => {
    const log = await openLog(manual(temporaryFolder(t)));
    assert.throws(() => log.append([Uint8Array.of(1), new Uint8Array(0)]), RangeError);
    assert.throws(() => log.append([new Uint8Array(65_536)]), RangeError);
    assert.equal(log.size, 0);
    await log.append([new Uint8Array(65_535)]).durable;
    await log.append([]).durable;
    assert.equal(log.size, 1);
    assert.equal(log.read(0).length, 65_535);
    assert.throws(() => log.read(1), { code: 'not-found' });
    await log.close();
  });

  test('too much in hand is pushed back, and nothing of that call is taken', async (t) => {
    const log = await openLog(manual(temporaryFolder(t)));
    const leaves = Array.from({ length: 100 }, () => new Uint8Array(60_000));
    let error: unknown;
    while (error === undefined) {
      const before = log.size;
      try {
        log.append(leaves);
      } catch (thrown) {
        error = thrown;
        assert.equal(log.size, before);
      }
      assert.ok(log.size < 10_000);
    }
    assert.ok(error instanceof PushBackError && error.retryAfterMs > 0);
    const { size } = log;
    await log.publish();
    await fill(log, size + 100);
    assert.equal((await log.publish()).size, size + 100);
    await log.close();
  });

  test('checkpoints come by themselves, each told to listeners and to whoever waits', async (t) => {
    const log = await openLog({ ...manual(temporaryFolder(t)), checkpointIntervalMs: 5 });
    const heard: SignedCheckpoint[] = [];
    log.onCheckpoint(() => {
      throw new Error('a listener that fails must not stop the log');
    });
    const stop = log.onCheckpoint((checkpoint) => heard.push(checkpoint));
    await fill(log, 10);
    assert.ok((await log.waitForCheckpoint(10)).size >= 10);
    await fill(log, 300);
    const checkpoint = await log.waitForCheckpoint(300);
    assert.equal(readFileSync(join(log.publicDirectory, 'checkpoint'), 'utf8'), checkpoint.note);
    assert.equal(heard.at(-1)?.size, 300);
    stop();
    const told = heard.length;
    await fill(log, 301);
    await log.waitForCheckpoint(301);
    assert.equal(heard.length, told);
    const waiting = log.waitForCheckpoint(302);
    const refused = assert.rejects(waiting, LogStoppedError);
    await log.close();
    await refused;
  });
});

describe('70,000 leaves: three levels of tiles', () => {
  const SIZE = 70_000;

  test('roots, proofs, scans and files, before and after opening again', async (t) => {
    const directory = temporaryFolder(t);
    let log = await openLog(manual(directory));
    const checkpoints = [log.checkpoint];
    for (const size of [1, 255, 256, 257, 1000, 65_535, 65_536, SIZE]) {
      await fill(log, size);
      checkpoints.push(await log.publish());
    }
    const read = memoryTree(Array.from({ length: SIZE }, (_, i) => leafHash(leafOf(i))));
    for (const reopened of [false, true]) {
      if (reopened) {
        await log.close();
        log = await openLog(manual(directory));
      }
      for (const { size, root } of checkpoints) {
        assert.deepEqual(Buffer.from(root), Buffer.from(treeRoot(size, read)));
        assert.deepEqual(Buffer.from(await log.rootAt(size)), Buffer.from(root));
        const proof = await log.consistencyProof(size, SIZE);
        assert.ok(verifyConsistency(size, SIZE, root, log.checkpoint.root, proof));
      }
      for (const index of [0, 1, 255, 256, 1000, 65_535, 65_536, SIZE - 1]) {
        assert.deepEqual(log.read(index), leafOf(index));
        verifyProof(await log.receipt(index), leafOf(index), { logKey });
      }
      const proof = await log.inclusionProof(300, 1000);
      assert.ok(verifyInclusion(300, 1000, leafHash(leafOf(300)), proof, checkpoints[5]!.root));
      let expected = 200;
      for await (const { index, leaf } of log.range(200, 66_000)) {
        assert.equal(index, expected++);
        if (index % 97 === 0) assert.deepEqual(leaf, leafOf(index));
      }
      assert.equal(expected, 66_000);
    }
    const report = await fsck(log.publicDirectory, VKEY, { previous: checkpoints[4]!.note });
    assert.deepEqual(report.problems, []);
    assert.equal(report.leaves, SIZE);
    // Partial tiles that a full tile replaced are gone; those of the newest checkpoint are there.
    const partial = filesOf(log.publicDirectory).filter((path) => path.includes('.p/'));
    assert.deepEqual(partial, ['tile/0/273.p/112', 'tile/1/001.p/17', 'tile/2/000.p/1', 'tile/entries/273.p/112']);
    await log.close();
  });
});

test('segments of the write-ahead file go when tiles hold their leaves, and opening goes on from there', async (t) => {
  const directory = temporaryFolder(t);
  let log = await openLog(manual(directory));
  for (let size = 4_001; size < 40_000; size += 4_001) {
    await fill(log, size, 2, 2_000);
    await log.publish();
  }
  const { size } = log;
  await log.close();
  const segments = readdirSync(join(directory, 'wal'));
  assert.ok(segments.length <= 2 && Number.parseInt(segments[0]!, 10) > 0, segments.join());
  assert.notEqual(Number.parseInt(segments[0]!, 10) % 256, 0, 'the segment should begin within a bundle');
  log = await openLog(manual(directory));
  assert.equal(log.size, size);
  await fill(log, size + 300, 2, 2_000);
  for (let i = 0; i < log.size; i += 997) assert.deepEqual(log.read(i), leafOf(i, 2, 2_000));
  await log.close();
  assert.deepEqual((await fsck(join(directory, 'public'), VKEY)).problems, []);
});

describe('one process at a time', () => {
  test('a second opening is refused, here and from another process; afterwards it is free', async (t) => {
    const directory = temporaryFolder(t);
    const log = await openLog(manual(directory));
    await assert.rejects(openLog(manual(directory)), LogLockedError);
    const code = `import { systemDisk } from '${import.meta.resolve('@trine/system/system-disk.ts')}'; import { lockDirectory } from '${import.meta.resolve('./lock.ts')}'; lockDirectory(systemDisk, process.argv[1]);`;
    const attempt = () =>
      spawnSync(process.execPath, ['--input-type=module', '-e', code, directory], { encoding: 'utf8' });
    assert.match(attempt().stderr, /LogLockedError.*open in another process/s);
    await log.close();
    assert.equal(attempt().status, 0);
  });
});

describe('what must not be opened', () => {
  async function madeLog(directory: string): Promise<void> {
    const log = await openLog(manual(directory));
    await fill(log, 600);
    await log.close();
  }

  test('a key that is not that of the signer', async (t) => {
    const options = { ...manual(temporaryFolder(t)), publicKey: otherKey.publicKey };
    await assert.rejects(openLog(options), /signature of log.example\/test is wrong/);
  });

  test('another origin or key than the one that signed', async (t) => {
    const directory = temporaryFolder(t);
    await madeLog(directory);
    await assert.rejects(openLog({ ...manual(directory), origin: 'log.example/other' }), LogDamagedError);
    await assert.rejects(openLog({ ...manual(directory), ...otherKey }), LogDamagedError);
    await (await openLog({ ...manual(directory), ...key, origin: ORIGIN })).close();
  });

  test('a missing write-ahead file, a shortened one, an older one', async (t) => {
    const made = temporaryFolder(t);
    await madeLog(made);
    const segment = join('wal', readdirSync(join(made, 'wal'))[0]!);
    const spoil: Record<string, (directory: string) => void> = {
      missing: (directory) => rmSync(join(directory, segment)),
      shortened: (directory) =>
        writeFileSync(join(directory, segment), readFileSync(join(made, segment)).subarray(0, 32)),
      foreign: (directory) => writeFileSync(join(directory, 'wal', '0000000000000601.wal'), 'not a segment'),
      'checkpoint changed': (directory) => writeFileSync(join(directory, 'public/checkpoint'), 'x'),
      renamed: (directory) => renameSync(join(directory, segment), join(directory, 'wal', '0000000000000256.wal')),
    };
    for (const [name, change] of Object.entries(spoil)) {
      const directory = temporaryFolder(t);
      cpSync(made, directory, { recursive: true });
      change(directory);
      const before = filesOf(directory).map((path) => [path, readFileSync(join(directory, path), 'hex')]);
      await assert.rejects(openLog(manual(directory)), LogDamagedError, name);
      assert.deepEqual(
        filesOf(directory).map((path) => [path, readFileSync(join(directory, path), 'hex')]),
        before,
        name,
      );
    }
  });

  test('lost tiles that the write-ahead file still holds are written again', async (t) => {
    const directory = temporaryFolder(t);
    await madeLog(directory);
    rmSync(join(directory, 'public/tile'), { recursive: true });
    const log = await openLog(manual(directory));
    await fill(log, 601);
    await log.close();
    assert.deepEqual((await fsck(join(directory, 'public'), VKEY)).problems, []);
  });

  test('tiles that were cut or changed are mended from what is durable, full ones and others', async (t) => {
    const directory = temporaryFolder(t);
    await madeLog(directory);
    const folder = join(directory, 'public');
    const tiles = filesOf(folder).filter((path) => path.startsWith('tile/'));
    assert.ok(tiles.some((path) => path.includes('.p/')) && tiles.includes('tile/entries/000'), String(tiles));
    const whole = new Map(tiles.map((path) => [path, readFileSync(join(folder, path))]));
    const faults: ((bytes: Buffer) => Uint8Array)[] = [
      (bytes) => bytes.subarray(0, -10),
      () => new Uint8Array(),
      (bytes) => bytes.map((byte, i) => (i === 100 ? byte ^ 1 : byte)),
    ];
    for (const fault of faults) {
      for (const [path, bytes] of whole) writeFileSync(join(folder, path), fault(bytes));
      const log = await openLog(manual(directory));
      await log.close();
      for (const [path, bytes] of whole) assert.deepEqual(readFileSync(join(folder, path)), bytes, path);
    }
  });
});

test('a damaged file is never served as a leaf or a proof', async (t) => {
  const directory = temporaryFolder(t);
  const made = await openLog(manual(directory));
  for (let size = 10_000; size <= 100_000; size += 10_000) {
    await fill(made, size, 3, 1_000);
    await made.publish();
  }
  await made.close();
  assert.ok(Number.parseInt(readdirSync(join(directory, 'wal'))[0]!, 10) > 65_536, 'a full tile of level 1 is history');
  const flip = (path: string): void => {
    const bytes = readFileSync(join(directory, 'public', path));
    bytes[100]! ^= 1;
    writeFileSync(join(directory, 'public', path), bytes);
  };
  flip('tile/entries/000');
  flip('tile/0/001');
  const log = await openLog(manual(directory));
  assert.throws(() => log.read(5), LogDamagedError);
  await assert.rejects(log.receipt(5), LogDamagedError);
  await assert.rejects(log.receipt(256), LogDamagedError);
  await assert.rejects(async () => {
    for await (const { index } of log.range(250, 300)) assert.fail(`leaf ${index}`);
  }, LogDamagedError);
  assert.deepEqual(log.read(600), leafOf(600, 3, 1_000));
  verifyProof(await log.receipt(99_999), leafOf(99_999, 3, 1_000), { logKey });
  await log.close();
  // A tile that the growing tree is built on is found at opening.
  flip('tile/0/256');
  await assert.rejects(openLog(manual(directory)), LogDamagedError);
});

test('a failed write stops the log for good; what was acknowledged is there at the next opening', async (t) => {
  const directory = temporaryFolder(t);
  const log = await openLog(manual(directory));
  await fill(log, 10);
  // A file where a folder should be: preparing any file fails.
  rmSync(join(directory, 'tmp'), { recursive: true });
  writeFileSync(join(directory, 'tmp'), '');
  const waiting = assert.rejects(log.waitForCheckpoint(10), LogStoppedError);
  await assert.rejects(log.publish(), LogStoppedError);
  await waiting;
  assert.throws(() => log.append([leafOf(10)]), LogStoppedError);
  assert.equal(log.checkpoint.size, 0);
  await log.close();
  rmSync(join(directory, 'tmp'));
  const again = await openLog(manual(directory));
  assert.equal(again.checkpoint.size, 10);
  await again.close();
  assert.throws(() => again.append([leafOf(10)]), /closed/);
});
