// A device that was let in and means harm: it sends what no reader should trip over, alone and together with what it overheard
// of others, and hopes that the node counts what it then does not keep.
import {
  type Answer,
  contentTypes,
  detachBody,
  encodeDeliveries,
  kinds,
  type Signer,
  type StatementContent,
  type StatementKind,
  signStatement,
  toUtf8,
} from '@trine/protocol';
import type { Chance } from './chance.ts';
import type { Delivery } from './device.ts';
import { HOSTILE } from './founded.ts';

export interface HostileOptions {
  readonly signer: Signer;
  readonly network: string;
  readonly chance: Chance;
  /** What goes over the network just now, of honest devices. */
  readonly overhear: () => readonly Delivery[];
  readonly hand: (message: Uint8Array, from: string) => Promise<readonly Answer[] | undefined>;
}

type Junk = Pick<StatementContent, 'kind' | 'contentType' | 'payload' | 'sealed'> & { readonly body?: Uint8Array };

export class Hostile {
  readonly #options: HostileOptions;
  /** What of its junk was taken: there should be nothing. */
  readonly taken: string[] = [];
  #seq = 0;

  constructor(options: HostileOptions) {
    this.#options = options;
  }

  /** Sends something bad, after what it overheard and before it. */
  async harm(): Promise<void> {
    const { chance, signer, network, overhear, hand } = this.#options;
    const junk = this.#junk();
    const { body, ...content } = junk;
    const statement = await signStatement(signer, {
      ...content,
      ...{ subject: HOSTILE, network, epoch: 0, seq: this.#seq, clock: 'synchronised', class: 'software' },
    });
    const own: Delivery = { statement: statement.bytes, ...(body && { disclosure: body }) };
    const others = overhear();
    const all = chance.happens(0.7) ? [...others, own] : [own, ...others];
    const answers = await hand(encodeDeliveries(all), HOSTILE);
    const answer = answers?.[all.indexOf(own)];
    if (answer !== undefined && answer.verdict !== 'refused')
      this.taken.push(`${content.kind}${content.sealed ? ', sealed' : ''}: ${answer.verdict} at ${answer.index}`);
  }

  #junk(): Junk {
    const { chance } = this.#options;
    const { commitment, disclosure } = detachBody(Uint8Array.of(1, 2, 3), chance.bytes(16));
    const of = (kind: StatementKind, payload: Uint8Array, body?: Uint8Array): Junk => {
      const contentType = kinds[kind].mediaTypes?.[0] ?? contentTypes.senmlCbor;
      return { kind, contentType, payload, sealed: body !== undefined, ...(body && { body }) };
    };
    const all: readonly Junk[] = [
      of('decision', commitment, disclosure),
      of('settlement', commitment, disclosure),
      of('agreement', Uint8Array.of(0xff, 0xfe)),
      of('model', toUtf8('{"a":"\\ud800"}')),
      of('model', toUtf8('{"a":1e400}')),
      of('decision', chance.bytes(40)),
      of('pack', chance.bytes(20)),
      of('enrolment', chance.bytes(32)),
    ];
    return all[chance.below(all.length)] as Junk;
  }
}
