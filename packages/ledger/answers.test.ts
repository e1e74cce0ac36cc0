// What a chain answers that does not work, or that somebody serves who lies: errors of one family, in words, whatever it was.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { readBalance, readObligation, readTerms } from './agreements.ts';
import { type Chain, type ChainRequest, publicClient } from './chain.ts';
import { readKey } from './checkpoints.ts';
import { LedgerError, RpcError } from './errors.ts';
import { connectExternal } from './external.ts';
import { systemClock, systemTimers } from './time.ts';

const address = `0x${'1'.repeat(40)}` as const;
const id = `0x${'2'.repeat(64)}` as const;
const contracts = {
  ...{ registry: address, checkpoints: address, accounts: address, terms: address, direct: address, batch: address },
  ...{ token: address, fromBlock: 0n },
};

function chainOf(request: ChainRequest): Chain {
  return {
    ...{ chainId: 1n, kind: 'external', isolation: 'external', request },
    ...{ finalBlock: async () => 0n, refresh: async () => undefined, problem: () => undefined },
    ...{ clock: systemClock, timers: systemTimers, ended: new Promise<never>(() => {}), stop: async () => undefined },
  };
}

const readings: readonly ((chain: Chain) => Promise<unknown>)[] = [
  (chain) => readTerms(chain, contracts, id),
  (chain) => readObligation(chain, contracts.direct as never, id, id),
  (chain) => readBalance(chain, contracts, address),
  (chain) => readKey(chain, contracts, address, id),
  (chain) => publicClient(chain).getBlock({ blockNumber: 1n }),
  (chain) => publicClient(chain).estimateFeesPerGas(),
];

test('a chain that is gone for a while is said to be, whatever was asked', async () => {
  const lost = new LedgerError('chain-lost', 'The chain does not answer: check its URL and that it runs.', 'later');
  for (const reading of readings) {
    const chain = chainOf(async () => {
      throw lost;
    });
    await assert.rejects(reading(chain), (error) => error === lost);
  }
});

test('an answer that is none, and a refusal, are errors of the chain, to be tried again', async () => {
  const odd = [
    undefined,
    null,
    '0x',
    '0x1',
    'junk',
    5,
    [],
    {},
    { number: 'x' },
    `0x${'f'.repeat(4_000)}`,
    `0x${'0'.repeat(64)}`,
  ];
  for (const answer of odd)
    for (const reading of readings) {
      const said = await reading(chainOf(async () => answer)).catch((error: unknown) => error);
      if (!(said instanceof Error)) continue; // Read as what it may be: nothing of it is believed here.
      assert.ok(said instanceof LedgerError, `${JSON.stringify(answer)?.slice(0, 40)}: ${said.stack}`);
      assert.equal(said.retry, 'later');
      assert.doesNotMatch(said.message, /viem|\n/);
    }
  for (const reading of readings) {
    const chain = chainOf(async () => {
      throw new RpcError(-32_005, 'limit exceeded', undefined);
    });
    await assert.rejects(reading(chain), { name: 'LedgerError', problem: 'chain-lost', retry: 'later' });
  }
});

test('the newest block of an RPC that answers junk is no number, and no fault of ours', async (t) => {
  const blocks: unknown[] = [{ number: 'junk' }, {}, { number: null }, 'x', 5];
  const server = createServer(async (request, response) => {
    const body: Buffer[] = [];
    for await (const part of request) body.push(part as Buffer);
    const { id: number, method } = JSON.parse(Buffer.concat(body).toString());
    const result = method === 'eth_chainId' ? '0x1' : blocks[0];
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ jsonrpc: '2.0', id: number, result }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  const chain = await connectExternal({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  while (blocks.length > 0) {
    await assert.rejects(chain.finalBlock(), LedgerError, JSON.stringify(blocks[0]));
    blocks.shift();
  }
});
