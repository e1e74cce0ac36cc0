// trine decide: decides beside a node: reads its log, computes its decisions again, and signs the orders that follow.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Said } from '@trine/node/codecide/co-decider.ts';
import { countOf, encodeNetwork, equalBytes, type NetworkDocument } from '@trine/protocol';
import { Command } from 'commander';
import { readDuration } from './arguments.ts';
import type { DeciderFolder } from './decider-folder.ts';
import { readNetworkFile } from './home.ts';
import { action, CommandError, examples, exitStatus, print, printJson, printJsonLine, say } from './output.ts';

interface DecideFlags {
  readonly of?: string;
  readonly network?: string;
  readonly origin?: string;
  readonly chain?: string;
  readonly home?: string;
  readonly key?: string;
  readonly every: string;
  readonly showKey?: boolean;
  readonly once?: boolean;
  readonly json?: boolean;
}

const MARKS: Readonly<Record<Said['state'], string>> = { signed: '✓', refused: '✗', waits: '…', over: '·' };
const WORDS: Readonly<Record<Said['state'], string>> = {
  signed: 'signed',
  refused: 'NOT signed',
  waits: 'not signed yet',
  over: 'nothing to sign',
};

function homeOf(given: string | undefined): string {
  return resolve(given ?? process.env.TRINE_DECIDER_HOME ?? join(homedir(), '.trine-decider'));
}

/** The network that is trusted: pinned by the first start, the same ever after. */
function pinned(home: string, given: string | undefined): NetworkDocument {
  const path = join(home, 'network.json');
  const named = given === undefined ? undefined : readNetworkFile(given);
  if (!existsSync(path)) {
    if (named === undefined)
      throw new CommandError(`Name the network document that you trust with --network: ${home} pins none yet.`);
    return named;
  }
  const kept = readNetworkFile(path);
  if (named && !equalBytes(encodeNetwork(named), encodeNetwork(kept)))
    throw new CommandError(`${given} is another network document than the one pinned in ${home}.`);
  return kept;
}

function lineOf({ state, payment, title, words }: Said): string {
  return `${MARKS[state]} ${payment.slice(0, 12)} ${WORDS[state]} (${title}): ${words}`;
}

/** What is said once, and again only where it changed. */
class Teller {
  readonly #told = new Map<string, string>();
  readonly #isJson: boolean;
  readonly all: Said[] = [];

  constructor(isJson: boolean) {
    this.#isJson = isJson;
  }

  tell(said: readonly Said[], isOnce: boolean): void {
    for (const one of said) {
      const key = `${one.state} ${one.words}`;
      if (this.#told.get(one.payment) === key) continue;
      if (one.state === 'waits') this.#told.set(one.payment, key);
      else this.#told.delete(one.payment);
      this.all.push(one);
      if (!this.#isJson) print(lineOf(one));
      // One document a line, as it comes.
      else if (!isOnce) printJsonLine(one);
    }
    if (!isOnce) this.all.length = 0;
  }
}

async function run(flags: DecideFlags): Promise<number> {
  const home = homeOf(flags.home);
  // Loaded only here: the other commands start much quicker without it.
  const { openDeciderFolder, keysOf } = await import('./decider-folder.ts');
  if (flags.showKey) {
    const { account, did } = keysOf(home, flags.key);
    if (flags.json) printJson({ account, key: did });
    else
      print([
        `Account  ${account}`,
        `Key      ${did}`,
        'Both stand in the terms of an agreement that this decider decides on.',
      ]);
    return exitStatus.ok;
  }
  if (flags.of === undefined || !/^https?:\/\//.test(flags.of))
    throw new CommandError('Name the node whose decisions are computed again: --of http://HOST:PORT.');
  const everyMs = readDuration(flags.every);
  const network = pinned(home, flags.network);
  const folder = await openDeciderFolder({ ...flags, of: flags.of, home, network });
  try {
    return flags.once ? await once(folder, flags) : await forever(folder, flags, everyMs);
  } finally {
    await folder.close();
  }
}

async function once(folder: DeciderFolder, { json }: DecideFlags): Promise<number> {
  const teller = new Teller(json ?? false);
  teller.tell(await folder.decider.round(), true);
  const { leaves, account, agreements } = folder.decider.standing;
  const titles = agreements.map(({ policy }) => policy.title);
  if (json) printJson({ account, leaves, agreements: titles, said: teller.all });
  else print(summary(account, leaves, titles));
  if (teller.all.some(({ state }) => state === 'refused')) return exitStatus.failed;
  return teller.all.some(({ state }) => state === 'waits') ? exitStatus.later : exitStatus.ok;
}

function summary(account: string, leaves: number, titles: readonly string[]): string {
  const about = titles.length > 0 ? `decides on ${titles.join(', ')}` : 'is named by no agreement in this log';
  return `${account} ${about}; ${countOf(leaves, 'leaf', 'leaves')} seen.`;
}

async function forever(folder: DeciderFolder, { json, of }: DecideFlags, everyMs: number): Promise<number> {
  const teller = new Teller(json ?? false);
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  let trouble: string | undefined;
  say(`Deciding beside ${of} as ${folder.decider.standing.account}. Ctrl-C stops it; the next start continues.`);
  while (!stopping.signal.aborted) {
    try {
      teller.tell(await folder.decider.round(), false);
      if (trouble !== undefined) say('It goes on.');
      trouble = undefined;
    } catch (error) {
      if (folder.isFinal(error)) throw new CommandError((error as Error).message, exitStatus.failed);
      // Whatever node and chain answered: another round may find them otherwise.
      const { message } = error as Error;
      if (message !== trouble) say(`Nothing is signed now: ${message}`);
      trouble = message;
    }
    await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
  }
  return exitStatus.ok;
}

export const decide: Command = examples(
  new Command('decide')
    .description(
      'decide beside a node: read its log, compute its decisions again, sign what holds, refuse what does not',
    )
    .option('--of <address>', 'the node')
    .option('--network <file>', 'network document you trust; the first start pins it in the data folder')
    .option('--origin <name>', 'which log of the network, where it has several')
    .option('--chain <url>', 'EVM JSON-RPC of your own (default: what the node passes on)')
    .option('--home <folder>', 'data folder of this decider (TRINE_DECIDER_HOME; default ~/.trine-decider)')
    .option(
      '--key <file>',
      'its account: a file with a secp256k1 private key, 64 hex digits (default: made in the data folder)',
    )
    .option('--every <duration>', 'how often it looks', '5s')
    .option('--show-key', 'print the account and the key that stand in the terms, and end')
    .option('--once', 'look once, and end')
    .option('--json', 'print what was said as JSON: one document with --once, else one a line')
    .action(action(run)),
  `Exit status with --once: 0 nothing was refused, 1 something was, 2 it could not be tried, 75 something waits. Without: 0
stopped, 1 the log showed two histories.

Examples:
  trine decide --show-key
  trine decide --of https://city.example --network network.json
  trine decide --of http://127.0.0.1:4100 --network ~/.trine/network.json --once --json`,
);
