// A city of homes and two members, each with a log of its own: terms over both, accounts that join, meters that speak now
// through the one, now through the other, and now through both.
import { installedDomains } from '@trine/domains/released.ts';
import { zones, zonesIdentity } from '@trine/engine';
import type { Contracts } from '@trine/ledger/contracts.ts';
import {
  type Agreement,
  accountPayload,
  agreementId,
  agreementPayload,
  contentTypeOf,
  contentTypes,
  detachBody,
  didKey,
  encodeNetwork,
  encodePack,
  enrolmentPayload,
  formatVerifierKey,
  fromHex,
  lineAccountDigest,
  type NetworkDocument,
  policyHash,
  type Signer,
  type Statement,
  type StatementContent,
  sha256,
  signDigest,
  signStatement,
  toUtf8,
  verifierKey,
} from '@trine/protocol';
import { accountOf, keyOf } from './chain.ts';
import { MemoryLog, type Place, signerOf } from './log.ts';

const HOUR_MS = 3_600_000;
/** Midnight in Berlin. */
export const FROM_MS = Date.UTC(2026, 0, 5, 23);
export const TO_MS = FROM_MS + 24 * HOUR_MS;
export const CUT_MS = TO_MS + HOUR_MS;
export const FOUNDED_MS = FROM_MS - 12 * HOUR_MS;
/** Cents for a kilowatt-hour. */
export const CENTS = 30;
export const MEMBERS = ['north', 'south'] as const;
type MemberName = (typeof MEMBERS)[number];
const HEARTBEATS = { north: 'node/north', south: 'node/south' } as const;

/** Whole kilowatt-hours that a home used. */
export const usedBy = (home: number): number => 1 + (home % 40);
/** A salt as good as a random one, and the same in every run. */
const saltOf = (name: string): Uint8Array => sha256(toUtf8(`salt of ${name}`)).slice(0, 16);

/** Whoever speaks, and where its sequences stand. */
class Speaker {
  readonly signer: Signer;
  readonly did: string;
  readonly #heads = new Map<string, { seq: number; id: Uint8Array }>();

  constructor(name: string) {
    this.signer = signerOf(name);
    this.did = didKey(this.signer.publicKey);
  }

  async say(
    network: string,
    said: Pick<StatementContent, 'kind' | 'subject' | 'payload'> & Partial<StatementContent>,
  ): Promise<Statement> {
    const head = this.#heads.get(said.subject);
    const statement = await signStatement(this.signer, {
      ...{ network, epoch: 0, seq: (head?.seq ?? -1) + 1, ...(head && { prev: head.id }) },
      ...{ clock: 'synchronised', class: 'software' },
      ...{ contentType: said.kind === 'pack' ? contentTypes.senmlCbor : contentTypeOf(said.kind), ...said },
    });
    this.#heads.set(said.subject, { seq: statement.header.seq, id: statement.id });
    return statement;
  }
}

export class City {
  readonly homes: number;
  readonly network: NetworkDocument;
  readonly policy: Agreement;
  readonly logs: Readonly<Record<MemberName, MemoryLog>>;
  readonly members: Readonly<Record<MemberName, Speaker>>;
  /** By what they show: the enrolment of a meter, the account of a home. */
  readonly places: Map<string, Place> = new Map();
  readonly #meters: readonly Speaker[];
  readonly #hearts: Readonly<Record<MemberName, Speaker>>;

  constructor(homes: number, contracts: Contracts) {
    this.homes = homes;
    const of = <T>(make: (name: MemberName) => T) => ({ north: make('north'), south: make('south') });
    this.logs = of((name) => new MemoryLog(`${name}.example/log`));
    this.members = of((name) => new Speaker(`member ${name}`));
    this.#hearts = of((name) => new Speaker(`heart ${name}`));
    this.#meters = Array.from({ length: homes }, (_, i) => new Speaker(`meter ${i + 1}`));
    const { fromBlock: _, token, ...at } = contracts;
    this.network = {
      trine: 'network/1',
      ...{ id: `trine:${'c'.repeat(32)}`, name: 'City', founded: new Date(FOUNDED_MS).toISOString(), quorum: 2 },
      members: MEMBERS.map((name) => {
        const { origin, signer } = this.logs[name];
        const vkey = formatVerifierKey(verifierKey(origin, signer.publicKey.raw));
        return { name, key: this.members[name].did, address: accountOf(name), logs: [{ origin, vkey }] };
      }),
      chain: { id: 31_337, kind: 'practice', ...at, tokens: [{ address: token, currency: 'EUR', decimals: 2 }] },
    };
    this.policy = this.#terms(contracts);
  }

  #terms({ batch, token }: Contracts): Agreement {
    const domains = installedDomains();
    return agreementPayload.decode(
      agreementPayload.encode({
        trine: 'agreement/1',
        ...{ network: this.network.id, origins: MEMBERS.map((name) => this.logs[name].origin) },
        ...{ domain: 'metering', title: 'Bills of a city', subject: 'city/1', model: domains.identity('metering') },
        terms: domains.get('metering').domain.terms.parse({
          numbered: { count: this.homes, customer: 'home/', meters: ['meter/'] },
          ...{ timeZone: 'Europe/Berlin', period: 'day', graceMs: HOUR_MS },
          bands: [{ name: 'all', steps: [{ price: CENTS * 1_000_000 }] }],
        }) as never,
        zones: zonesIdentity(zones),
        period: { startMs: FROM_MS, endMs: FROM_MS + 10 * 24 * HOUR_MS },
        gate: { ownersMin: 1, classMin: 'software', heartbeat: HEARTBEATS.north, heartbeatGapMsMax: 13 * HOUR_MS },
        parties: [
          { role: 'payer', name: 'Utility', address: accountOf('payer') },
          { role: 'recipient', name: 'Operator', address: accountOf('recipient') },
        ],
        joining: { by: MEMBERS.map((name) => this.members[name].did) },
        registrar: accountOf('registrar'),
        arbiter: accountOf('arbiter'),
        money: {
          ...{ chainId: 31_337, contract: batch, token, currency: 'EUR', perObligationMax: 10_000, totalMax: 10_000 },
          ...{ obligationMaxS: 2 * 86_400, settleWithinS: 30 * 86_400, disputeWindowS: 3_600, holdMaxS: 3_600 },
          ...{ afterHold: 'drop', deadlineS: 86_400 },
        },
        deciders: {
          list: MEMBERS.map((name) => ({ key: this.members[name].did, address: accountOf(`decider ${name}`) })),
          quorum: 2,
        },
      }),
    );
  }

  get agreement(): Uint8Array {
    return fromHex(agreementId(this.policy, this.network.chain.terms as `0x${string}`).slice(2));
  }

  /** What a member says, in its own log. */
  async says(
    name: MemberName,
    kind: StatementContent['kind'],
    about: { readonly subject: string; readonly arrivalMs: number },
    payload: Uint8Array,
    disclosure?: Uint8Array,
  ): Promise<Place> {
    const { subject, arrivalMs } = about;
    const sealed = disclosure !== undefined;
    const statement = await this.members[name].say(this.network.id, { kind, subject, payload, sealed });
    return this.logs[name].append(arrivalMs, statement, disclosure);
  }

  /** Network, enrolments, terms; and every home joins with its account, through the one member or the other. */
  async found(): Promise<void> {
    const at = (subject: string) => ({ subject, arrivalMs: FOUNDED_MS });
    const { network, policy } = this;
    await this.says('north', 'network', at(network.id), encodeNetwork(network));
    const enrol = async (thing: string, { did }: Speaker, subject: string) =>
      this.places.set(
        `enrolment ${thing}`,
        await this.says(
          'north',
          'enrolment',
          at(thing),
          enrolmentPayload.encode({ key: did, name: thing, class: 'software', subjects: [subject] }),
        ),
      );
    for (const name of MEMBERS) await enrol(HEARTBEATS[name], this.#hearts[name], HEARTBEATS[name]);
    for (const [i, meter] of this.#meters.entries()) await enrol(`meter/${i + 1}`, meter, `meter/${i + 1}`);
    this.places.set(
      'agreement',
      await this.says('north', 'agreement', at(policy.subject), agreementPayload.encode(policy)),
    );
    for (let home = 1; home <= this.homes; home++) {
      const key = `home/${home}`;
      const signature = fromHex(signDigest(lineAccountDigest(this.agreement, key, policy.money), keyOf(key)));
      const said = { policy: policyHash(policy), agreement: this.agreement, key, address: accountOf(key), signature };
      const { commitment, disclosure } = detachBody(
        accountPayload.encode({ trine: 'account/1', ...said }),
        saltOf(`account ${key}`),
      );
      const about = { subject: key, arrivalMs: FOUNDED_MS + 60_000 };
      this.places.set(
        `account ${key}`,
        await this.says(home % 2 ? 'north' : 'south', 'account', about, commitment, disclosure),
      );
    }
  }

  /** A day: every meter at its beginning and after its end, and a heartbeat of both logs in between. */
  async day(): Promise<void> {
    await this.#speak(FROM_MS - HOUR_MS, FROM_MS - HOUR_MS / 2, () => 100, 0);
    for (let ms = FROM_MS + HOUR_MS; ms < TO_MS; ms += 11 * HOUR_MS)
      for (const name of MEMBERS) await this.#beat(name, ms);
    await this.#speak(TO_MS - 60_000, TO_MS + 60_000, (home) => 100 + usedBy(home), 1);
    for (const name of MEMBERS) await this.#beat(name, CUT_MS + 1_000);
  }

  async #beat(name: MemberName, atMs: number): Promise<void> {
    const payload = encodePack([{ quantity: 'alive', unit: '', timeMs: atMs, value: true }]);
    const said = await this.#hearts[name].say(this.network.id, { kind: 'pack', subject: HEARTBEATS[name], payload });
    this.logs[name].append(atMs, said);
  }

  /** Through north, through south, through both: a third each, and another third the next time. */
  async #speak(ofMs: number, atMs: number, shows: (home: number) => number, turn: number): Promise<void> {
    for (const [i, meter] of this.#meters.entries()) {
      const home = i + 1;
      const subject = `meter/${home}`;
      const reading = { quantity: 'energy/total', unit: 'kWh', timeMs: ofMs, value: shows(home) };
      const { commitment, disclosure } = detachBody(encodePack([reading]), saltOf(`${subject} ${ofMs}`));
      const promise = ofMs < FROM_MS ? {} : { low: TO_MS };
      const said = await meter.say(this.network.id, {
        kind: 'pack',
        subject,
        payload: commitment,
        sealed: true,
        ...promise,
      });
      const way = (home + turn) % 3;
      if (way !== 1) this.logs.north.append(atMs + 2 * i, said, disclosure);
      if (way !== 0) this.logs.south.append(atMs + 2 * i + 1, said, disclosure);
    }
  }
}
