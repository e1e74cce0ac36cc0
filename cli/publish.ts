// trine publish: signs readings as one pack and sends it, as a device would.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Device, openDevice } from '@trine/device/device.ts';
import { httpTransport } from '@trine/device/http-transport.ts';
import { mqttTransport } from '@trine/device/mqtt-transport.ts';
import { sqliteStorage } from '@trine/device/sqlite-storage.ts';
import { type ResolvedPack, type ResolvedRecord, resolveSenml } from '@trine/mapping/senml.ts';
import { ruleUnit, toSenml } from '@trine/mapping/units/units.ts';
import { readText } from '@trine/mapping/values/values.ts';
import {
  type Answer,
  didKey,
  errorCodes,
  isErrorCode,
  isQuantity,
  isSubject,
  limits,
  parseDidKey,
  type Reading,
  type Signer,
  toUtf8,
} from '@trine/protocol';
import { Command } from 'commander';
import { Client, type NodeFlags, withNode } from './client.ts';
import { openKeyFile } from './device.ts';
import { readGiven } from './files.ts';
import { homeFolder } from './home.ts';
import { action, CommandError, examples, exitStatus, positiveNumber, print, printJson, say } from './output.ts';

interface PublishFlags extends NodeFlags {
  readonly subject: string;
  readonly key: string;
  readonly keyOwner?: string;
  readonly stdin?: boolean;
  readonly event?: string;
  readonly body?: string;
  readonly open?: boolean;
  readonly http?: boolean;
  readonly mqtt?: string;
  readonly timeout: number;
  readonly json?: boolean;
}

interface Published {
  readonly id: string;
  readonly verdict: string;
  readonly reason?: string;
  readonly leaf?: number;
  readonly flag?: string;
}

/**
 * Reads `QUANTITY=VALUE[:UNIT]`. With a unit the value is a number, as people write it; a word that says that there is no
 * value is no reading.
 *
 * @throws CommandError
 * @example readingOf('temperature=21,5:Cel', Date.now()) // { quantity: 'temperature', unit: 'Cel', value: 21.5, … }
 */
export function readingOf(text: string, timeMs: number): Reading {
  const equals = text.indexOf('=');
  const quantity = text.slice(0, equals);
  if (equals < 1 || !isQuantity(quantity))
    throw new CommandError(`"${text}" is no reading: write QUANTITY=VALUE or QUANTITY=VALUE:UNIT.`);
  const rest = text.slice(equals + 1);
  const [, before = rest, written] = /^(.*):([^:]*)$/.exec(rest) ?? [];
  const unit = written === undefined ? undefined : ruleUnit(written, quantity);
  if (written !== undefined && unit === undefined && typeof valueIn(before, 'any') === 'number')
    throw new CommandError(`"${written}" is no SenML unit symbol, such as Cel, W, m3, km/h, %, / or count.`);
  const hasUnit = unit !== undefined && unit.unit !== '';
  const value = valueIn(unit === undefined ? rest : before, hasUnit ? 'number' : 'any');
  if (typeof value === 'object') throw new CommandError(`${quantity}: ${value.why}.`);
  if (!hasUnit || typeof value !== 'number') return { quantity, unit: '', timeMs, value };
  return { quantity, unit: unit.unit, timeMs, value: toSenml(value, unit) };
}

/** A value, or why there is none. */
function valueIn(text: string, expects: 'number' | 'any'): Reading['value'] | { readonly why: string } {
  const read = readText(text, { expects });
  if (read.is === 'refused') return { why: read.why };
  if (read.is === 'none') return { why: `"${text}" says that there is no value, and that is no reading` };
  if (read.unit === undefined) return read.value;
  return { why: `"${text}" has its unit in it: write it behind a colon, VALUE:UNIT` };
}

/** What stands in a line of standard input: a pack, or why there is none. */
interface Line {
  readonly readings: readonly Reading[];
  readonly left: readonly string[];
}

/** Lines of standard input: one SenML JSON pack (RFC 8428), or one record of it, on each. What cannot be read stops nothing. */
async function* linesOf(subject: string): AsyncGenerator<Line> {
  let place = 0;
  for await (const text of createInterface({ input: process.stdin })) {
    place++;
    if (text.trim() !== '') yield lineOf(text, `Line ${place}`, subject);
  }
}

function lineOf(text: string, where: string, subject: string): Line {
  let pack: ResolvedPack;
  try {
    pack = resolveSenml(JSON.parse(text), Date.now());
  } catch (error) {
    return { readings: [], left: [`${where} is no SenML: ${(error as Error).message}`] };
  }
  const left = pack.left.map(({ place, why }) => `${where}, record ${place}: it ${why}.`);
  const readings = pack.records.flatMap((record) => {
    const quantity = quantityOf(record, subject);
    if (quantity === undefined) left.push(`${where}: "${record.name.slice(0, 80)}" names no quantity of ${subject}.`);
    const { unit, timeMs, value } = record;
    return quantity === undefined ? [] : [{ quantity, unit, timeMs, value }];
  });
  return { readings, left };
}

/** The name without the thing, where it has a base name; undefined where that is of another thing. */
function quantityOf({ base, name }: ResolvedRecord, subject: string): string | undefined {
  const isAlone = base === '' || base === subject;
  const isOurs = isAlone || (base.startsWith(subject) && /[:._~/-]/.test(base[subject.length] as string));
  const quantity = base === '' ? name : name.slice(subject.length + (isAlone ? 0 : 1));
  return isOurs && isQuantity(quantity) ? quantity : undefined;
}

class Publisher {
  readonly #answers: Map<string, Answer>;
  readonly #device: Device;
  readonly #timeoutMs: number;
  readonly #storage: { close(): void };

  constructor(device: Device, storage: { close(): void }, answers: Map<string, Answer>, timeoutMs: number) {
    this.#device = device;
    this.#storage = storage;
    this.#answers = answers;
    this.#timeoutMs = timeoutMs;
  }

  /** @param say signs one statement with the device */
  async publish(say: (device: Device) => Promise<string>): Promise<Published> {
    const id = await say(this.#device);
    const until = performance.now() + this.#timeoutMs;
    for (;;) {
      const answer = this.#answers.get(id);
      this.#answers.delete(id);
      if (answer && answer.retryAfterMs === undefined) return publishedOf(id, answer);
      if (performance.now() > until)
        throw new CommandError(
          `No acknowledgement within ${this.#timeoutMs / 1000} s. It is kept and goes with the next one published.`,
          exitStatus.failed,
        );
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async close(): Promise<void> {
    await this.#device.close();
    this.#storage.close();
  }
}

function publishedOf(id: string, { verdict, reason, index, flag }: Answer): Published {
  return {
    id,
    verdict,
    ...(reason !== undefined && { reason }),
    ...(index !== undefined && { leaf: index }),
    ...(flag !== undefined && { flag }),
  };
}

async function openPublisher(flags: PublishFlags, signer: Signer): Promise<Publisher> {
  const { subject, keyOwner = subject } = flags;
  const client = new Client(flags);
  const gateway = await client.gateway();
  const did = didKey(signer.publicKey);
  // One chain for each key and subject in each network: kept, so that the next pack follows this one.
  const name = createHash('sha256').update(`${gateway.network}\n${did}\n${subject}`).digest('hex').slice(0, 32);
  const storage = sqliteStorage(join(homeFolder(flags.home), 'publish', `${name}.sqlite`));
  const answers = new Map<string, Answer>();
  const device = await openDevice({
    signer,
    subject,
    network: gateway.network,
    gateway: parseDidKey(gateway.key),
    transport: flags.http ? httpTransport(client.url) : mqttTransport(flags.mqtt ?? gateway.mqtt, subject),
    storage,
    open: flags.open === true,
    lastKnown: () => client.head(subject, keyOwner),
    onAnswer: (id, answer) => void answers.set(id, answer),
  });
  return new Publisher(device, storage, answers, flags.timeout * 1000);
}

type Statement = (device: Device) => Promise<string>;

/**
 * What is to be signed, one after the other.
 * @param onLeft told of what is none
 * @throws CommandError
 */
function statementsOf(
  specs: readonly string[],
  flags: PublishFlags,
  onLeft: (why: string) => void,
): AsyncIterable<Statement> | Statement[] {
  const measure = (readings: readonly Reading[]) => (device: Device) => device.measure(readings);
  if (flags.event !== undefined) {
    const { event: mediaType, body } = flags;
    if (body === undefined) throw new CommandError('An event has a --body: a text, or @FILE.');
    const bytes = body.startsWith('@') ? bytesOf(body.slice(1)) : toUtf8(body);
    return [(device) => device.event(mediaType, bytes)];
  }
  if (flags.stdin) {
    const lines = linesOf(flags.subject);
    return (async function* () {
      for await (const { readings, left } of lines) {
        for (const why of left) onLeft(why);
        if (readings.length > 0) yield measure(readings);
      }
    })();
  }
  const now = Date.now();
  return [measure(specs.map((spec) => readingOf(spec, now)))];
}

function bytesOf(file: string): Uint8Array {
  return new Uint8Array(readGiven(file, 'body', limits.bodyBytesMax));
}

async function run(specs: readonly string[], flags: PublishFlags): Promise<number> {
  if (!isSubject(flags.subject)) throw new CommandError(`"${flags.subject}" cannot be a subject.`);
  const given = [specs.length > 0, flags.stdin === true, flags.event !== undefined].filter(Boolean);
  if (given.length !== 1)
    throw new CommandError('Say what was measured: QUANTITY=VALUE[:UNIT], or --stdin; or --event with what happened.');
  const signer = openKeyFile(flags.key);
  let left = 0;
  const statements = statementsOf(specs, flags, (why) => {
    left++;
    say([`Left out: ${why}`]);
  });
  const publisher = await openPublisher(flags, signer);
  const done: Published[] = [];
  try {
    for await (const statement of statements) {
      const published = await publisher.publish(statement);
      done.push(published);
      if (!flags.json) print(`${published.id}  ${describe(published)}`);
      if (published.reason === 'unknown-key')
        say([
          'It is kept. Enrol the key, then publish again:',
          `  trine device enrol ${flags.subject} --key ${flags.key}`,
        ]);
    }
  } finally {
    await publisher.close();
  }
  if (flags.json) printJson(flags.stdin ? done : done[0]);
  if (done.length === 0) say(['Nothing was sent: there was no reading.']);
  return done.length > 0 && left === 0 && done.every(({ verdict }) => verdict !== 'refused')
    ? exitStatus.ok
    : exitStatus.failed;
}

function describe({ verdict, reason, leaf, flag }: Published): string {
  if (verdict === 'refused')
    return `refused: ${reason}${isErrorCode(reason) ? ` (${errorCodes[reason].sentence})` : ''}`;
  return `${verdict} as leaf ${leaf}${flag ? ` (${flag})` : ''}`;
}

export const publish: Command = examples(
  withNode(new Command('publish'))
    .description('sign readings as one pack, or an event, and publish it, over MQTT or HTTP')
    .argument('[readings...]', 'QUANTITY=VALUE or QUANTITY=VALUE:UNIT; a value may be a number, true, false or a text')
    .requiredOption('--subject <subject>', 'the thing that was measured')
    .requiredOption('--key <file>', 'key file, as `trine device key` makes it')
    .option('--key-owner <subject>', 'the thing that holds the key, where it is another')
    .option('--stdin', 'read SenML JSON from standard input: one pack, or one record, on each line')
    .option('--event <media type>', 'say what happened, or what is asked for, about the subject itself')
    .option('--body <text>', 'body of the event; @FILE for the bytes of a file')
    .option('--open', 'publish the readings in the log for everyone (default: sealed)')
    .option('--http', 'send over HTTP instead of MQTT')
    .option('--mqtt <url>', 'MQTT address (default: as the node says)')
    .option('--timeout <seconds>', 'wait this long for the acknowledgement', positiveNumber, 20)
    .option('--json', 'print id and verdict as one JSON document')
    .action(action(run)),
  `Examples:
  trine publish --subject meters/7 --key ~/.trine/devices/meter-7.pem power=230:W
  trine publish --subject hall/door --key door.pem open=true temperature=21.5:Cel --http
  trine publish --subject person/7f3a --key ada.pem --event application/vnd.trine.booking+json \\
    --body '{"resource":"bicycle/1","latestStartMs":1793000000000,"minutes":30}'
  echo '{"n":"level","u":"m","t":1700000000,"v":1.2}' | trine publish --subject river/7 --key river.pem --stdin

Prints the id of the statement and what became of it. From --stdin times below
2^28 are seconds from now, as RFC 8428 says; what is no reading is left out, said, and stops nothing. Exit status: 0 sealed,
1 refused, not acknowledged, or something was left out, 2 not sent.`,
);
