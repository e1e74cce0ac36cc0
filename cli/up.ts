// trine up: starts the node and says where its console is.
import { Command } from 'commander';
import { examples, failWith, notBegun, wholeNumber } from './output.ts';

interface Flags {
  home?: string;
  host?: string;
  port?: number;
  mqttPort?: number;
  mqttAttach?: string;
  chain?: string;
}

export const up: Command = examples(
  new Command('up')
    .description('start a node with everything in it, and print the address of its console')
    .option('--home <folder>', 'data folder (TRINE_HOME; default ~/.trine)')
    .option('--host <address>', 'address to bind to; leave it on localhost unless a proxy with TLS stands before it')
    .option('--port <number>', 'HTTP port (TRINE_PORT; default 4100; 0 takes any)', wholeNumber)
    .option('--mqtt-port <number>', 'MQTT port (TRINE_MQTT_PORT; default 1883; 0 takes any)', wholeNumber)
    .option('--mqtt-attach <url>', 'use this MQTT broker as a client instead of running one')
    .option('--chain <url>', 'use this EVM JSON-RPC instead of the embedded practice chain')
    .action(async (flags: Flags) => {
      const { chain, ...rest } = flags;
      try {
        // Loaded only here: the other commands start much quicker without the node.
        const { runNode } = await import('./run-node.ts');
        await runNode({ ...rest, ...(chain && { chain: { url: chain } }) });
      } catch (error) {
        failWith(error, notBegun(error));
      }
    }),
  `Examples:
  trine up
  trine up --port 4200 --mqtt-port 1884
  trine up --mqtt-attach mqtt://127.0.0.1:1883

Ctrl-C stops it; the next start continues where it ended. More settings: settings.json in the data folder. Exit status:
0 stopped, 2 not started (a port is taken, a setting is wrong, another node uses the data folder).`,
);
