// trine pseudonym: a person speaks under another name in every session, and only its own node knows which are whose.
import { createHash, createPrivateKey, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pseudonymOf } from '@trine/device/pseudonyms.ts';
import { didKey } from '@trine/protocol';
import { Command } from 'commander';
import { Client, type NodeFlags, withNode } from './client.ts';
import { homeFolder } from './home.ts';
import { action, CommandError, examples, print, printJson, table } from './output.ts';

interface PseudonymFlags extends NodeFlags {
  readonly prefix: string;
  readonly purpose: string;
  readonly json?: boolean;
}

/** The person's secret, and the number of the next session. */
interface Wallet {
  readonly secret: string;
  readonly next: number;
}

/** Takes the number of a session, so that it is never taken again. @returns secret and number */
function takeSession(home: string, person: string): { secret: Uint8Array; session: number } {
  const folder = join(home, 'wallets');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${createHash('sha256').update(person).digest('hex').slice(0, 32)}.json`);
  const wallet: Wallet = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as Wallet)
    : { secret: randomBytes(32).toString('hex'), next: 0 };
  const next: Wallet = { ...wallet, next: wallet.next + 1 };
  writeFileSync(`${file}.new`, JSON.stringify(next), { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
  return { secret: Uint8Array.from(Buffer.from(wallet.secret, 'hex')), session: wallet.next };
}

/** PKCS #8 of an Ed25519 key (RFC 8410). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

function writeKey(home: string, subject: string, seed: Uint8Array): string {
  const folder = join(home, 'devices');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${subject.replace(/[^A-Za-z0-9]/g, '-')}.pem`);
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
  writeFileSync(file, key.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600, flag: 'wx' });
  return file;
}

const open = examples(
  withNode(new Command('new'))
    .description('a key and a subject for one session of a person, let in by the node')
    .argument('<person>', 'what you call the person: it stands in no public statement')
    .option('--prefix <subject>', 'how the subject begins, as the terms let people in', 'person/')
    .option('--purpose <text>', 'what it is for, such as the hash of a policy: another purpose, other pseudonyms', '')
    .option('--json', 'print the answer as JSON')
    .action(
      action(async (person: string, { prefix, purpose, json, ...node }: PseudonymFlags) => {
        const client = new Client(node);
        const { network } = await client.gateway();
        const home = homeFolder(node.home);
        const { secret, session } = takeSession(home, person);
        const { subject, signer, seed } = pseudonymOf(secret, { network, purpose, session }, prefix);
        const key = didKey(signer.publicKey);
        await client.ask(client.api.POST('/api/v1/pseudonyms', { body: { person, key, subject } }));
        const file = writeKey(home, subject, seed);
        if (json) printJson({ subject, key, file });
        else print([subject, `Its key is kept in ${file}. Use it for this session alone.`]);
        return undefined;
      }),
    ),
  `Examples:
  trine pseudonym new member/4711
  trine publish --subject person/… --key ~/.trine/devices/person-….pem --event application/vnd.trine.booking+json --body …

Exit status: 0 let in; 1 the person has as many as it may; 2 not tried.`,
);

const list = examples(
  withNode(new Command('list'))
    .description('pseudonyms of a person, as the node knows them')
    .argument('<person>', 'what you call the person')
    .option('--json', 'print the answer as JSON')
    .action(
      action(async (person: string, { json, ...node }: PseudonymFlags) => {
        const client = new Client(node);
        const found = await client.ask(client.api.GET('/api/v1/pseudonyms', { params: { query: { person } } }));
        if (json) printJson(found);
        else if (found.length === 0) throw new CommandError(`No pseudonym of ${person} is known here.`);
        else print(table(found.map(({ subject, isLive }) => [subject, isLive ? 'may speak' : 'over'])));
        return undefined;
      }),
    ),
  `Example:
  trine pseudonym list member/4711

Exit status: 0 listed; 2 none is known, or no node answers.`,
);

export const pseudonym: Command = new Command('pseudonym')
  .description('people speak under another name in every session')
  .addCommand(open)
  .addCommand(list);
