// Connectors that are as simple as they can be: one by MQTT that announces things, one that is pushed to, one for any topic.
import type { Connector, FoundThing } from '@trine/mapping/connector.ts';
import { proposeFields, valueMembers } from '@trine/mapping/fields.ts';
import { MappingError } from '@trine/mapping/message/error.ts';
import { jsonMessage } from '@trine/mapping/message/message.ts';
import type { Mapping } from '@trine/mapping/message/shape.ts';
import { toUtf8 } from '@trine/protocol';
import { machine } from '@trine/system/system.ts';
import { MemoryDisk } from '@trine/system/testing/memory-disk.ts';
import { z } from 'zod';
import { type OpenedConnectors, openConnectors } from '../connectors/open.ts';
import { sandboxFiles } from '../dependencies.ts';

interface Toy {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  /** What it says beside its temperature. */
  readonly also?: string;
}

const toyThing = (base: string, { id, name, kind, also }: Toy): FoundThing => ({
  ...{ id, name, kind, isWhole: true as const, mayMove: true as const },
  mappings: [
    {
      ...{ topic: `${base}/${name}`, subject: `toy/${id}`, unit: '', time: 't' },
      fields: [
        { path: 'temperature', quantity: 'temperature', unit: 'Cel' },
        ...(also === undefined ? [] : [{ path: also, quantity: also, unit: '' }]),
      ],
    },
  ],
});

export const toys: Connector<{ base: string }> = {
  manifest: {
    ...{ name: 'toys', title: 'Toys', about: 'Toys that announce themselves.', ways: ['mqtt'] },
    triedAgainst: 'nothing',
  },
  settings: z.strictObject({ base: z.string().min(1).default('toys') }),
  start: ({ base }) => ({
    filters: [`${base}/#`],
    discover(message) {
      if (message.topic === `${base}/gone`) return { found: [], gone: jsonMessage(message) as string[] };
      if (message.topic !== `${base}/announce`) return { found: [] };
      return { found: (jsonMessage(message) as Toy[]).map((toy) => toyThing(base, toy)) };
    },
  }),
};

export const pushed: Connector = {
  manifest: {
    ...{ name: 'pushed', title: 'Pushed', about: 'Whatever is pushed.', ways: ['http'] },
    triedAgainst: 'nothing',
  },
  settings: z.strictObject({}),
  start: () => ({
    filters: [],
    discover(message) {
      const { fields } = proposeFields(valueMembers(jsonMessage(message)));
      const id = message.topic.slice('pushed/'.length);
      const mappings = [{ topic: message.topic, subject: `pushed/${id}`, unit: '', fields: [...fields] }];
      return { found: [{ ...{ id, name: id, kind: 'pushed' }, mappings }] };
    },
    messages({ path, body }) {
      if (!/^[a-z]+$/.test(path)) throw new MappingError('The path names what it is about.');
      return { messages: [{ topic: `pushed/${path}`, payload: body }], answer: { status: 202, body: 'sealed' } };
    },
  }),
};

export const anything: Connector = {
  manifest: {
    ...{ name: 'anything', title: 'Anything', about: 'Topics that nobody else knows.', ways: ['mqtt'] },
    triedAgainst: 'nothing',
  },
  settings: z.strictObject({}),
  start: () => ({
    filters: ['#'],
    discover({ topic, payload }) {
      if (!/^\d+$/.test(Buffer.from(payload).toString())) return { found: [] };
      const mapping = { topic, subject: `any/${topic}`, quantity: 'value', unit: '', fields: [] };
      return { found: [{ ...{ id: topic, name: topic, kind: 'a number', assumed: ['value'] }, mappings: [mapping] }] };
    },
  }),
};

/** What a node without connectors has, by rules of its settings. */
export function ruled(rules: readonly Mapping[], now: () => number): OpenedConnectors & { readonly now: () => number } {
  const given = { ...machine, disk: new MemoryDisk(), clock: now, sandbox: sandboxFiles };
  const settings = { home: '/node', bridge: [...rules], raw: { days: 1, megabytesMax: 1 } };
  return { now, ...openConnectors(settings, [], given) };
}

export const toyConnectors: readonly Connector[] = [anything, toys, pushed];
export const announce = (...toysGiven: readonly Toy[]): Uint8Array => toUtf8(JSON.stringify(toysGiven));
