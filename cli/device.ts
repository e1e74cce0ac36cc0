// trine device: the things that sign, and their keys.
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { openSigner } from '@trine/node/access/keystore.ts';
import {
  type AssuranceClass,
  assuranceClasses,
  didKey,
  formatTime,
  isSubject,
  parseDidKey,
  type Signer,
} from '@trine/protocol';
import { Command, Option } from 'commander';
import { Client, type NodeFlags, withNode } from './client.ts';
import { homeFolder } from './home.ts';
import { action, CommandError, examples, print, printJson, table } from './output.ts';

interface JsonFlag {
  readonly json?: boolean;
}

const asJson = ['--json', 'print one JSON document'] as const;

/**
 * Opens a key that must be there.
 * @param path of a file made by `trine device key`
 * @throws CommandError
 */
export function openKeyFile(path: string): Signer {
  if (!path.endsWith('.pem') || !existsSync(path))
    throw new CommandError(`There is no key file ${path}: make one with \`trine device key NAME\`.`);
  try {
    return openSigner(dirname(path), basename(path, '.pem'));
  } catch {
    throw new CommandError(`${path} holds no Ed25519 or P-256 private key (PKCS #8, PEM).`);
  }
}

/** A did:key as given, or that of a key file. */
export function didOf(given: string): string {
  if (!given.startsWith('did:')) return didKey(openKeyFile(given).publicKey);
  parseDidKey(given);
  return given;
}

const list = examples(
  withNode(new Command('list'))
    .description('list things that measure: what they said, how well it is assured, when last')
    .option(...asJson)
    .action(
      action(async (flags: NodeFlags & JsonFlag) => {
        const client = new Client(flags);
        const rows = await client.all((query) => client.api.GET('/api/v1/devices', { params: { query } }));
        if (flags.json) return void printJson(rows);
        const body = rows.map((row) => [
          row.subject,
          row.class ?? '',
          row.keyOwner === row.subject ? '' : row.keyOwner,
          String(row.readings),
          row.lastArrivalMs ? formatTime(row.lastArrivalMs) : 'never',
          [row.revoked ? 'revoked' : '', row.fork === 'standing' ? 'forked: held' : (row.fork ?? '')]
            .filter(Boolean)
            .join(', '),
        ]);
        print(table([['subject', 'class', 'signed by', 'readings', 'last', ''], ...body]));
      }),
    ),
  `Examples:
  trine device list
  trine device list --json | jq '.[].subject'`,
);

interface EnrolFlags extends NodeFlags, JsonFlag {
  readonly key: string;
  readonly name?: string;
  readonly class: AssuranceClass;
  readonly subjects?: string[];
  readonly thing?: string;
}

const enrol = examples(
  withNode(new Command('enrol'))
    .description('enrol the key of a thing, so that what it signs is taken')
    .argument('<subject>', 'the thing, such as parking/north')
    .requiredOption('--key <key>', 'its did:key, or the file of its key')
    .option('--name <name>', 'what people call it (default: the subject)')
    .addOption(
      new Option('--class <class>', 'best assurance its statements may claim')
        .choices(Object.keys(assuranceClasses))
        .default('software'),
    )
    .option('--thing <model>', 'kind of thing, as domain/model: what it cannot send is refused (see trine domain list)')
    .option('--subjects <pattern...>', 'what else it may speak of; a final * stands for any rest (default: itself)')
    .option(...asJson)
    .action(
      action(async (subject: string, flags: EnrolFlags) => {
        if (!isSubject(subject))
          throw new CommandError(`"${subject}" cannot be a subject: use 1 to 128 of A-Z a-z 0-9 : . _ ~ / -.`);
        const key = didOf(flags.key);
        const { name = subject, class: assurance, subjects, thing } = flags;
        const body = { key, subject, name, class: assurance, ...(subjects && { subjects }), ...(thing && { thing }) };
        const client = new Client(flags);
        await client.ask(client.api.POST('/api/v1/devices', { body }));
        if (flags.json) printJson({ enrolled: key, subject });
        else print([`Enrolled ${key}`, `for ${subject}.`]);
      }),
    ),
  `Examples:
  trine device key meter-7
  trine device enrol meters/7 --key ~/.trine/devices/meter-7.pem --name "Meter 7"
  trine device enrol gateways/hall --key did:key:z6Mk… --class gateway --subjects 'hall/*'

A key is enrolled once; enrolling it again changes nothing. Exit status: 0 enrolled, 2 not.`,
);

const revoke = examples(
  withNode(new Command('revoke'))
    .description('revoke a key: from the next leaf on, what it signs is refused')
    .argument('<key>', 'did:key, or the file of the key')
    .requiredOption('--reason <words>', 'why, for everyone to read')
    .option(...asJson)
    .action(
      action(async (given: string, flags: NodeFlags & JsonFlag & { reason: string }) => {
        const key = didOf(given);
        const client = new Client(flags);
        await client.ask(client.api.POST('/api/v1/devices/revoke', { body: { key, reason: flags.reason } }));
        if (flags.json) printJson({ revoked: key });
        else print(`Revoked ${key}. What it signed before stays valid; this cannot be undone.`);
      }),
    ),
  `Example:
  trine device revoke did:key:z6Mk… --reason "stolen on 3 May"

Exit status: 0 revoked, 2 not (nobody enrolled this key, or no node answers).`,
);

const key = examples(
  new Command('key')
    .description('make the key of a device, or show the one there is')
    .argument('<name>', 'file name without ending')
    .option('--es256', 'ECDSA on P-256, as secure elements have it, instead of Ed25519')
    .option('--out <folder>', 'where to keep it (default: devices in the data folder)')
    .option('--home <folder>', 'data folder (TRINE_HOME; default ~/.trine)')
    .option(...asJson)
    .action(
      action(async (name: string, flags: JsonFlag & { es256?: boolean; out?: string; home?: string }) => {
        if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name))
          throw new CommandError(`"${name}" cannot be the name of a key: use letters, digits, dots and dashes.`);
        const folder = flags.out ?? join(homeFolder(flags.home), 'devices');
        const file = join(folder, `${name}.pem`);
        const isNew = !existsSync(file);
        const { publicKey } = isNew ? openSigner(folder, name, flags.es256 ? 'ESP256' : 'Ed25519') : openKeyFile(file);
        const did = didKey(publicKey);
        if (flags.json) printJson({ key: did, file, created: isNew });
        else print([did, `${isNew ? 'Made' : 'Kept in'} ${file}. Whoever has this file can sign as the device.`]);
      }),
    ),
  `Examples:
  trine device key meter-7
  trine device key meter-8 --es256 --out /etc/meter`,
);

export const device: Command = new Command('device')
  .description('list, enrol and revoke things that measure, and make their keys')
  .addCommand(list)
  .addCommand(enrol)
  .addCommand(revoke)
  .addCommand(key);
