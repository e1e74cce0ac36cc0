// A chain that no node started, with a block a second, as chains of others have.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Hex } from '@trine/protocol';
import { findAnvil } from '../anvil.ts';
import { until } from './until.ts';

/** 100 of the chain's own coin, in its smallest unit. */
const COINS = '0x56bc75e2d63100000';

export interface OtherChain {
  readonly url: string;
  /** Gives an account something to pay for transactions with. */
  fund(address: Hex): Promise<void>;
  stop(): void;
}

/** @param id EIP-155 */
export async function startOtherChain(id: number): Promise<OtherChain> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  const given = ['--port', `${port}`, '--chain-id', `${id}`, '--block-time', '1', '--hardfork', 'osaka', '--silent'];
  const program = spawn(findAnvil(), given, { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  const ask = (method: string, params: unknown[]) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  };
  await until('the chain answers', () =>
    ask('eth_chainId', []).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return {
    url,
    async fund(address) {
      await ask('anvil_setBalance', [address, COINS]);
    },
    stop: () => void program.kill('SIGKILL'),
  };
}
