// What every way in must do, whatever carries it. Each transport's test runs all of this on a real ingest.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, encodeDeliveries, verifyAcknowledgement } from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import type { LocalSigner } from '../access/keystore.ts';
import { type IngestHarness, openIngestHarness } from './testing/harness.ts';
import type { Transport } from './transport.ts';

/** A sender on its own connection. */
export interface Line {
  /** Sends a message of deliveries. @returns the acknowledgement, or nothing where the connection ended before it came */
  send(message: Uint8Array): Promise<Uint8Array | undefined>;
  /** Sends bytes that are nothing of the transport's own protocol. */
  garbage(bytes: Uint8Array): void;
  /** Ends the connection as a pulled plug does. */
  abort(): void;
  close(): Promise<void>;
}

export interface Rig {
  readonly transport: Transport;
  connect(): Promise<Line>;
  close(): Promise<void>;
}

export interface RigOptions {
  readonly harness: IngestHarness;
  /** The largest message that the transport may be asked to take. */
  readonly messageBytesMax: number;
}

const MESSAGE_BYTES_MAX = 65_536;
const SHORT_MS = 150;

/** @param open starts the transport before an ingest, with small limits */
export function checkTransport(name: string, open: (options: RigOptions) => Promise<Rig>): void {
  describe(`as every transport: ${name}`, () => {
    const device: LocalSigner = temporarySigner();
    let harness: IngestHarness;
    let rig: Rig;
    let isBehind = false;
    before(async () => {
      harness = await openIngestHarness(1_000_000, { isBehind: () => isBehind });
      await harness.enrol(device, 'thing/1');
      rig = await open({ harness, messageBytesMax: MESSAGE_BYTES_MAX });
    });
    after(async () => {
      await rig.close();
      await harness.close();
    });
    const message = async (signer = device): Promise<Uint8Array> => {
      const { statement, disclosure } = await harness.pack(signer);
      return encodeDeliveries([{ statement: statement.bytes, ...(disclosure && { disclosure }) }]);
    };
    const answered = async (line: Line, bytes: Uint8Array): Promise<Answer | undefined> => {
      const acknowledgement = await line.send(bytes);
      return acknowledgement && verifyAcknowledgement(acknowledgement, harness.gateway.publicKey)[0];
    };
    const good = async (line: Line) => assert.equal((await answered(line, await message()))?.verdict, 'sealed');
    const goodOnANewLine = async () => {
      const line = await rig.connect();
      await good(line);
      await line.close();
    };

    test('it says what it is, where, and that it is connected', () => {
      assert.match(rig.transport.address, /127\.0\.0\.1:\d+/);
      assert.equal(rig.transport.health.connected, true);
      assert.ok(rig.transport.health.sinceMs > 0);
    });

    test('a good statement is acknowledged; sent again it is a duplicate of the same leaf', async () => {
      const line = await rig.connect();
      const bytes = await message();
      const first = await answered(line, bytes);
      const size = harness.log.size;
      const again = await answered(line, bytes);
      assert.deepEqual([first?.verdict, again?.verdict, again?.index], ['sealed', 'duplicate', first?.index]);
      assert.equal(harness.log.size, size);
      await line.close();
    });

    test('junk is refused, counted and charged to its connection; the connection goes on', async () => {
      const line = await rig.connect();
      const before = harness.ingest.refused.get('unknown-key') ?? 0;
      assert.equal((await answered(line, await message(temporarySigner())))?.reason, 'unknown-key');
      assert.equal(harness.ingest.refused.get('unknown-key'), before + 1);
      assert.equal((await answered(line, Uint8Array.of(0x9f, 0x9f)))?.reason, 'malformed');
      await good(line);
      await line.close();
    });

    test('without room it waits, or refuses with a time to come again; nothing is lost', async () => {
      const line = await rig.connect();
      const bytes = await message();
      isBehind = true;
      const under = answered(line, bytes);
      const early = await Promise.race([under, sleep(SHORT_MS).then(() => 'waits' as const)]);
      isBehind = false;
      if (early === 'waits') assert.equal((await under)?.verdict, 'sealed');
      else {
        assert.deepEqual([early?.reason, (early?.retryAfterMs ?? 0) > 0], ['overloaded', true]);
        assert.equal((await answered(line, bytes))?.verdict, 'sealed');
      }
      await line.close();
    });

    test('what is too large is not taken, and the next connection is none the worse', async () => {
      const line = await rig.connect();
      const before = harness.log.size;
      const acknowledgement = await line.send(new Uint8Array(4 * MESSAGE_BYTES_MAX).fill(0x40));
      if (acknowledgement)
        assert.equal(verifyAcknowledgement(acknowledgement, harness.gateway.publicKey)[0]?.verdict, 'refused');
      assert.equal(harness.log.size, before);
      await line.close();
      await goodOnANewLine();
    });

    test('garbage, and a plug pulled in the middle of it, harm nobody', async () => {
      for (const bytes of [Uint8Array.of(0), new Uint8Array(64).fill(0xff), Buffer.from('GET // HTTP/1.1\r\n\r\n')]) {
        const line = await rig.connect();
        line.garbage(bytes);
        await sleep(10);
        line.abort();
        await line.close();
      }
      const line = await rig.connect();
      void line.send(await message());
      line.abort();
      await line.close();
      await goodOnANewLine();
    });

    test('closed, it takes nothing more and says so', async () => {
      const line = await rig.connect();
      await good(line);
      await rig.transport.close();
      assert.equal(rig.transport.health.connected, false);
      assert.ok((rig.transport.health.reason ?? '').length > 0);
      const size = harness.log.size;
      const late = await Promise.race([line.send(await message()).catch(() => undefined), sleep(SHORT_MS)]);
      if (late) assert.fail('it was acknowledged');
      assert.equal(harness.log.size, size);
      await line.close();
    });
  });
}
