// trine mqtt: users of the embedded broker.
import { Command } from 'commander';
import { Client, type NodeFlags, withNode } from './client.ts';
import { action, examples, print, printJson, say, table } from './output.ts';

interface AddFlags extends NodeFlags {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  readonly json?: boolean;
}

const add = withNode(new Command('add'))
  .description('give somebody a password for the broker; again: another one, and other topics')
  .argument('<name>', 'of the user')
  .option('--publish <filters...>', 'topics that it may publish to; + and # stand for levels', [])
  .option('--subscribe <filters...>', 'topics that it may subscribe to', [])
  .option('--json', 'print it as JSON')
  .action(
    action(async (name: string, flags: AddFlags) => {
      const client = new Client(flags);
      const body = { name, publish: [...flags.publish], subscribe: [...flags.subscribe] };
      const added = await client.ask(client.api.POST('/api/v1/mqtt/users', { body }));
      if (flags.json) return void printJson(added);
      print(added.password);
      say(['That is the password: it is shown once, and the node keeps a hash of it.']);
      return undefined;
    }),
  );

const list = withNode(new Command('list'))
  .description('who has a password, and for which topics')
  .option('--json', 'print it as JSON')
  .action(
    action(async (flags: NodeFlags & { json?: boolean }) => {
      const client = new Client(flags);
      const users = await client.ask(client.api.GET('/api/v1/mqtt/users'));
      if (flags.json) return void printJson(users);
      if (users.length === 0)
        return void print('There are no users: plain messages are taken from this machine alone.');
      const words = (filters: readonly string[]) => filters.join(' ') || 'nothing';
      print(
        table(
          users.map(({ name, publish, subscribe }) => [
            name,
            `publishes to ${words(publish)}`,
            `subscribes to ${words(subscribe)}`,
          ]),
        ),
      );
      return undefined;
    }),
  );

const remove = withNode(new Command('remove'))
  .description('let somebody in no more: his connections end')
  .argument('<name>', 'of the user')
  .action(
    action(async (name: string, flags: NodeFlags) => {
      const client = new Client(flags);
      await client.ask(client.api.POST('/api/v1/mqtt/users/{name}/remove', { params: { path: { name } } }));
      print(`${name} is let in no more.`);
      return undefined;
    }),
  );

const users = new Command('user')
  .description('who may use the embedded broker')
  .addCommand(add)
  .addCommand(list)
  .addCommand(remove);

export const mqtt: Command = examples(
  new Command('mqtt').description('users of the embedded MQTT broker').addCommand(users),
  `Examples:
  trine mqtt user add zigbee --publish 'zigbee2mqtt/#' 'homeassistant/#' --subscribe 'zigbee2mqtt/#'
  trine mqtt user list
  trine mqtt user remove zigbee

Exit status: 0 done, 1 refused, 2 wrong usage.`,
);
