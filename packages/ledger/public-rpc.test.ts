import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Chain } from './chain.ts';
import { LedgerError, RpcError } from './errors.ts';
import { PUBLIC_METHODS, type PublicRpcLimits, publicRpc } from './public-rpc.ts';
import { VirtualTime } from './testing/virtual-time.ts';

type Asked = { method: string; params?: unknown };

/** A chain that answers when it is told to. */
function scene(limits: Partial<PublicRpcLimits> = {}) {
  const time = new VirtualTime();
  const asked: Asked[] = [];
  const open: ((answer?: unknown) => void)[] = [];
  let isHolding = false;
  let answer: (asked: Asked) => unknown = () => '0x1';
  const request = async (call: Asked) => {
    asked.push(call);
    if (isHolding) await new Promise((resolve) => open.push(resolve));
    return answer(call);
  };
  const rpc = publicRpc({ request, clock: time, timers: time } as unknown as Chain, limits);
  const ask = async (body: unknown, client = 'a', contentType: string | undefined = 'application/json') => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const reply = await rpc({ client, contentType, body: text });
    return { ...reply, json: JSON.parse(reply.body) };
  };
  const call = (method: string, params: unknown[] = []) => ({ jsonrpc: '2.0', id: 1, method, params });
  return {
    ...{ time, asked, open, ask, call },
    hold(on: boolean) {
      isHolding = on;
      if (!on) for (const go of open.splice(0)) go();
    },
    answers(by: typeof answer) {
      answer = by;
    },
  };
}

test('only JSON is taken, so that no page of another site can send it unasked', async () => {
  const { ask, call, asked } = scene();
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    '',
    'application/jsonx',
  ])
    assert.equal((await ask(call('eth_chainId'), 'a', type)).status, 415, type);
  assert.equal(asked.length, 0);
  assert.equal((await ask(call('eth_chainId'), 'a', 'application/json; charset=utf-8')).status, 200);
});

test('junk is refused with the words of JSON-RPC', async () => {
  const { ask, asked } = scene();
  for (const [body, code] of [
    ['{', -32700],
    [[], -32600],
    [Array(51).fill({}), -32600],
  ] as const) {
    const { status, json } = await ask(body);
    assert.deepEqual([status, json.error.code], [400, code]);
  }
  for (const body of [null, 7, 'x', {}, { method: 7 }, { method: 'eth_call', params: {} }])
    assert.equal((await ask(JSON.stringify(body))).json.error.code, -32600);
  const { json } = await ask([{ id: { a: 1 }, method: 'eth_chainId' }, { id: 'x', method: 'toString' }, 7]);
  assert.deepEqual(
    json.map((one: { id: unknown; error?: { code: number } }) => [one.id, one.error?.code]),
    [
      [null, undefined],
      ['x', -32601],
      [null, -32600],
    ],
  );
  assert.equal(asked.length, 1);
});

test('methods that change or administer are not offered', async () => {
  const { ask, call, asked } = scene();
  for (const method of [
    'anvil_setBalance',
    'evm_mine',
    'eth_sendTransaction',
    'eth_sign',
    'debug_traceCall',
    'txpool_content',
  ])
    assert.equal((await ask(call(method))).json.error.code, -32601, method);
  assert.equal(asked.length, 0);
  assert.ok([...PUBLIC_METHODS.keys()].every((method) => /^(eth|net|web3)_/.test(method)));
});

test('a call has a cap of gas, and changes nothing of the state it sees', async () => {
  const { ask, call, asked } = scene();
  const given = { to: '0x1', data: '0x2', gas: '0xffffffffff', gasPrice: '0x1', accessList: [], blobs: [] };
  await ask(call('eth_call', [given, 'latest']));
  assert.deepEqual(asked[0]?.params, [{ to: '0x1', data: '0x2', gas: '0x1000000' }, 'latest']);
  assert.equal((await ask(call('eth_call', [{}, 'latest', {}]))).json.error.code, -32602);
  assert.equal((await ask(call('eth_call', [{}, 'pending']))).json.error.code, -32602);
  assert.equal((await ask(call('eth_getTransactionCount', ['0x1', 'pending']))).json.result, '0x1');
});

test('gas is estimated in single tries, each of which waits for its turn', async () => {
  const { ask, call, asked, answers } = scene();
  const needed = 183_210n;
  answers(({ params }) => {
    const [{ gas, data }] = params as [{ gas: string; data?: string }];
    if (data === '0xbad' || BigInt(gas) < (data === undefined ? 21_000n : needed))
      throw new RpcError(3, 'execution reverted', '0x01');
    return '0x';
  });
  assert.equal((await ask(call('eth_estimateGas', [{}]))).json.result, '0x5208');
  assert.equal(asked.length, 2);
  const { json } = await ask(call('eth_estimateGas', [{ data: '0x01' }]));
  assert.ok(BigInt(json.result) >= needed && BigInt(json.result) <= (needed * 102n) / 100n, json.result);
  assert.equal((await ask(call('eth_estimateGas', [{ data: '0xbad' }]))).json.error.code, 3);
  assert.ok(asked.length < 20);
  assert.ok(asked.every(({ method }) => method === 'eth_call'));
});

test('so many at once, of each and of all; who comes then is told when to come again, before anything is done', async () => {
  const { ask, call, asked, hold } = scene({
    bodiesMax: { light: 2, heavy: 3 },
    bodiesOfClientMax: { light: 2, heavy: 2 },
    atChainMax: { light: 4, heavy: 1 },
  });
  hold(true);
  const first = ['a', 'a', 'b'].map((client) => ask(call('eth_call', [{}, 'latest']), client));
  await turn();
  assert.equal(asked.length, 1);
  for (const client of ['a', 'c']) {
    const { status, retryAfterS, json } = await ask([call('eth_chainId'), call('eth_getLogs', [{}])], client);
    assert.deepEqual([status, retryAfterS, json.error.code], [503, 1, -32005]);
  }
  // What looks up only is not held up by what computes.
  const looked = ask(call('eth_blockNumber'), 'a');
  await turn();
  assert.equal(asked.length, 2);
  hold(false);
  for (const { status } of await Promise.all([...first, looked])) assert.equal(status, 200);
  assert.equal((await ask(call('eth_call', [{}, 'latest']), 'a')).status, 200);
});

test('clients take turns at the chain, however much one of them asks', async () => {
  const { ask, call, asked, hold, answers } = scene();
  answers(() => turn());
  hold(true);
  const of = (client: string) => ask(Array(3).fill(call('eth_call', [{ from: client }, 'latest'])), client);
  const all = ['a', 'a', 'a', 'b'].map(of);
  hold(false);
  await Promise.all(all);
  const order = asked.map(({ params }) => (params as [{ from: string }])[0].from).join('');
  assert.equal(order, 'aabababaaaaa');
});

test('what takes too long together, or is too large, is refused, and the rest is answered', async () => {
  const { ask, call, answers, time } = scene({ answerBytesMax: 1_000 });
  answers(() => time.set(time.now() + 2_000));
  const slow = await ask(Array(5).fill(call('eth_call', [{}, 'latest'])));
  assert.deepEqual(
    slow.json.map((one: { error?: { code: number } }) => one.error?.code),
    [undefined, undefined, undefined, -32005, -32005],
  );
  answers(({ method }) => (method === 'eth_getLogs' ? 'x'.repeat(2_000) : '0x1'));
  const large = await ask([call('eth_getLogs', [{}]), call('eth_chainId')]);
  assert.equal(large.json[0].error.code, -32005);
  assert.equal(large.json[1].result, '0x1');
  assert.ok(large.body.length < 1_300);
});

test('what the chain answers passes on; how it is reached does not', async () => {
  const { ask, call, answers } = scene();
  answers(() => {
    throw new RpcError(3, 'execution reverted', '0x01');
  });
  assert.deepEqual((await ask(call('eth_call', [{}]))).json.error, {
    code: 3,
    message: 'execution reverted',
    data: '0x01',
  });
  answers(() => {
    throw new LedgerError('chain-lost', 'The socket /secret is gone.', 'later');
  });
  const { error } = (await ask(call('eth_chainId'))).json;
  assert.equal(error.code, -32603);
  assert.doesNotMatch(error.message, /secret/);
});
