// A connector: how a kind of system that is there already speaks. It is pure: it is given messages and says which things they
// announce and how each is read; the node listens, asks people, maps, seals and counts.
import type { z } from 'zod';
import type { MappingCode } from './message/map.ts';
import type { RawMessage } from './message/message.ts';
import type { Mapping } from './message/shape.ts';

export interface ConnectorManifest {
  /** Lower case and `-`: in addresses and in names of subjects. */
  readonly name: string;
  /** As its makers write it. */
  readonly title: string;
  /** What people connect with it, in one sentence. */
  readonly about: string;
  /** Where its messages come from. */
  readonly ways: readonly ('mqtt' | 'http')[];
  /** It was tried against: the program itself with its version, or shapes recorded from it. */
  readonly triedAgainst: string;
  /** What such a system pushes by HTTP: what stands behind the address, and the body. Whoever tries it sees a thing appear. */
  readonly example?: { readonly path: string; readonly body: string };
}

/** A thing that a message announces, or that has just been heard for the first time. */
export interface FoundThing {
  /** Names it within its connector, whatever people call it: a serial number, a DevEUI. */
  readonly id: string;
  /** What people call it. */
  readonly name: string;
  /** Things of one kind are read alike and may be accepted together: a model, a profile. */
  readonly kind: string;
  readonly maker?: string;
  readonly model?: string;
  /** How its messages are read, each topic by one; the subject is fixed. */
  readonly mappings: readonly Mapping[];
  /** The mappings are all there are: they take the place of those before. Otherwise they are added, topic by topic. */
  readonly isWhole?: true;
  /** Its announcer alone speaks for it: where it says the same on another topic, it is followed there, and nobody is asked. */
  readonly mayMove?: true;
  /** Names of members that nobody knows a quantity for: they are read under their own names, and listed. */
  readonly unknown?: readonly string[];
  /** Quantities whose unit nobody said: whoever accepts the thing says that it is so, or another. */
  readonly assumed?: readonly string[];
}

/** What a message says of things. */
export interface Discovered {
  readonly found: readonly FoundThing[];
  /** Ids of things that are said to be there no longer. */
  readonly gone?: readonly string[];
}

/** What somebody pushed by HTTP. */
export interface PushRequest {
  readonly method: string;
  /** Below the address of the connector, without a slash in front. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** What is answered once everything is sealed or counted. */
export interface PushAnswer {
  readonly status: 200 | 201 | 202 | 204;
  readonly body?: string;
  readonly contentType?: string;
}

/** A connector at work, with its settings. */
export interface RunningConnector {
  /** Topic filters (MQTT 3.1.1 §4.7) of the messages that it wants to see. */
  readonly filters: readonly string[];
  /** Payload formatters that its settings hold: loaded before a message is looked at. */
  readonly formatters?: readonly string[];
  /**
   * What a message says of things. It keeps nothing but what messages said, and that within bounds.
   * @throws MappingError where the message is not what such systems say
   */
  discover(message: RawMessage): Discovered;
  /**
   * The messages in a request, each under the topic that its mappings name.
   * @throws MappingError where it is not what such systems push
   */
  messages?(request: PushRequest): { readonly messages: readonly RawMessage[]; readonly answer: PushAnswer };
}

/** A connector as the node lists it. */
export interface Connector<Settings extends object = object> {
  readonly manifest: ConnectorManifest;
  /** Validated before it starts; drives the form. Every setting has a default. */
  readonly settings: z.ZodType<Settings>;
  start(settings: Settings, code?: MappingCode): RunningConnector;
}
