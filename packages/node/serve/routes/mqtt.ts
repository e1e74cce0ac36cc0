// Users of the embedded broker.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import { TrineError } from '@trine/protocol';
import type { MqttUsers } from '../../ingest/transports/mqtt-users.ts';
import type { Node } from '../../node.ts';
import { text } from '../schema.ts';
import { get, post } from './route.ts';

const name = text(64).openapi({ description: 'Of the user: without / + #.' });
const filters = z.array(text(512)).max(100);
const topics = {
  publish: filters.openapi({ description: 'Topic filters (MQTT 3.1.1 §4.7) that it may publish to.' }),
  subscribe: filters.openapi({ description: 'Topic filters that it may subscribe to, or to parts of.' }),
};
const user = z.object({ name, ...topics }).openapi('MqttUser');
const added = z
  .object({
    name,
    ...topics,
    password: z.string().openapi({ description: 'Shown once: the node keeps a hash of it.' }),
  })
  .openapi('MqttUserAdded');

export function mqttRoutes(api: OpenAPIHono, node: Node): void {
  get(
    api,
    '/mqtt/users',
    {
      about: 'Who has a password for the embedded broker, and what each may say and hear.',
      fields: {},
      answer: z.array(user),
    },
    () => usersOf(node).list(),
  );
  post(
    api,
    '/mqtt/users',
    {
      about: 'Adds a user of the embedded broker; one that is there gets other topics and another password.',
      params: {},
      body: { name, ...topics },
      answer: added,
    },
    async (given) => ({ ...given, password: await usersOf(node).put(given) }),
  );
  post(
    api,
    '/mqtt/users/:name/remove',
    {
      about: 'Removes a user of the embedded broker: its connections end.',
      params: { name },
      body: {},
      answer: z.object({ name }),
    },
    (given) => (usersOf(node).remove(given.name) ? given : undefined),
  );
}

/** @throws TrineError `unsupported` where a broker of somebody else's is used */
function usersOf({ mqtt }: Node): MqttUsers {
  if (mqtt.name === 'mqtt' && mqtt.users) return mqtt.users;
  throw new TrineError('unsupported', 'This node uses a broker that is there already: its users are kept by that one.');
}
