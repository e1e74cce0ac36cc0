// trine recover: a thing goes on after two of it spoke at once, with another key.
import type { Schemas } from '@trine/client';
import { Command } from 'commander';
import { Client, type NodeFlags, withNode } from './client.ts';
import { didOf } from './device.ts';
import { action, examples, print, printJson } from './output.ts';

interface RecoverFlags extends NodeFlags {
  readonly key: string;
  readonly keyOwner?: string;
  readonly reason: string;
  readonly json?: boolean;
}

export const recover: Command = examples(
  withNode(new Command('recover'))
    .description('let a thing go on after its sequence forked: with a new key, while those that spoke are revoked')
    .argument('<subject>', 'what it speaks of')
    .requiredOption('--key <key>', 'did:key that goes on, or the file of that key: not one that spoke before')
    .option('--key-owner <subject>', 'the thing that holds the keys, where it speaks of another (default: the subject)')
    .option('--reason <text>', 'why, for everyone to read', 'a fork or a clone of its sequence')
    .option('--json', 'print the answer as JSON')
    .action(
      action(async (subject: string, { key, keyOwner, reason, json, ...node }: RecoverFlags) => {
        const body = { subject, key: didOf(key), reason, ...(keyOwner && { keyOwner }) };
        const client = new Client(node);
        const recovered = await client.ask(client.api.POST('/api/v1/devices/recover', { body }));
        if (json) printJson(recovered);
        else print(wordsOf(subject, recovered));
        return undefined;
      }),
    ),
  `Examples:
  trine device key meter-7b
  trine recover meters/7 --key ~/.trine/devices/meter-7b.pem --reason "The card was copied"

Exit status: 0 recovered; 1 nothing is to be recovered from; 2 not tried.`,
);

function wordsOf(subject: string, { key, epoch, from, leaf, revoked }: Schemas['Recovered']): string[] {
  return [
    `${subject} goes on in epoch ${epoch} with ${key}. Said at leaf ${leaf}.`,
    `Revoked: ${revoked.join(', ') || 'nothing more; those that spoke were revoked already'}.`,
    `What was said from seq ${from.seq} of epoch ${from.epoch} on is no value to any decision. What began before now stays held; what begins from now on is paid again.`,
  ];
}
