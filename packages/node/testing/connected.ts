// A node whose connectors are the simple ones, spoken to as things speak to it.
import { after } from 'node:test';
import {
  contentTypes,
  decodeLeaf,
  decodePack,
  openDisclosure,
  parseStatement,
  readOrigin,
  toUtf8,
} from '@trine/protocol';
import { ServedNode } from './served.ts';

interface Thing {
  readonly id: string;
  readonly state: string;
  readonly subjects: readonly string[];
  readonly preview: readonly { readonly quantity: string; readonly value: unknown }[];
  readonly messages: number;
}

/** Closed after the tests of the file. */
export async function openConnected() {
  const served = await ServedNode.open();
  after(() => served.close());
  const { node, parts } = served;
  return {
    served,
    say: (topic: string, payload: string | Uint8Array, more: object = {}) =>
      served.does(
        node.plain.take({ topic, payload: typeof payload === 'string' ? toUtf8(payload) : payload, ...more }),
      ),
    things: async (query = '') => (await served.get<{ items: Thing[] }>(`/api/v1/connectors/things${query}`)).items,
    accept: async (connector: string, body: object) => {
      const { status, text } = await served.post(`/api/v1/connectors/${connector}/accept`, body);
      return status === 200 ? undefined : text;
    },
    /** What the gateway sealed, each with what it says of where it comes from. */
    sealed: () =>
      Array.from({ length: parts.log.size }, (_, i) => i).flatMap((i) => {
        const leaf = decodeLeaf(parts.log.read(i));
        if (leaf.kind !== 'statement') return [];
        const { header } = parseStatement(leaf.statement);
        if (header.class !== 'gateway') return [];
        const body = openDisclosure(parts.bodies.read(i) as Uint8Array);
        const values = decodePack(body, contentTypes.senmlCbor, header.subject, header.clock);
        return [{ subject: header.subject, values: values.map(({ value }) => value), origin: readOrigin(body) }];
      }),
  };
}
