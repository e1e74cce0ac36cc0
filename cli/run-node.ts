// Runs a node in this process until it is told to stop.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { connectors } from '@trine/connectors/index.ts';
import { simulated } from '@trine/connectors/simulated/house.ts';
import { practiceTerms } from '@trine/example-service-credit/terms.ts';
import { checkMqttPort, MqttPortTakenError } from '@trine/node/ingest/transports/mqtt.ts';
import { installLastResort } from '@trine/node/last-resort.ts';
import { startNode } from '@trine/node/node.ts';
import { serveNode, takePort } from '@trine/node/serve/serve.ts';
import { readSettings, type Settings } from '@trine/node/settings.ts';
import { domains, domainsModule } from './domains.ts';
import { removeRunning, writeRunning } from './home.ts';
import { approvedFile } from './installed.ts';
import { exitStatus, print, say } from './output.ts';
import { startThisMachine } from './this-machine.ts';
import { version } from './version.ts';

/** A stop that takes longer than this hangs: then the process ends as it is; what is in the log is on disk. */
const STOP_MS_MAX = 30_000;
const webRoot = fileURLToPath(new URL('../web/dist', import.meta.url));

/**
 * Starts the node and says where its console is; ends the process on SIGINT or SIGTERM.
 * @param flags from the command line: they go before environment and settings file
 */
export async function runNode(flags: Parameters<typeof readSettings>[0]): Promise<void> {
  const begun = performance.now();
  const settings = await withBroker(readSettings(flags));
  const server = await takePort(settings.host, settings.port);
  let stopping = false;
  try {
    const node = await startNode(settings, {
      domains: await domains(settings.home, ({ file, why }) => say(`  … ${file} is not used: ${why}`)),
      domainsModule,
      connectors,
      simulated,
      domainFile: (hash) => approvedFile(settings.home, hash),
      verifier: readFileSync(join(webRoot, 'verifier.html')),
      firstAgreement: practiceTerms,
      ownDevice: startThisMachine,
      onProgress: (step) => say(`  … ${step}`),
    });
    const served = serveNode(server, node, webRoot, version);
    // The other commands find the node by this file, whatever ports it took.
    writeRunning(settings.home, { url: served.url.replace(/\/$/, ''), pid: process.pid });
    const stop = async (why: string) => {
      if (stopping) return;
      stopping = true;
      say(['', `${why}: closing the log and the chain…`]);
      setTimeout(() => process.exit(exitStatus.failed), STOP_MS_MAX).unref();
      removeRunning(settings.home);
      await served.close();
      await node.stop();
      say('Stopped. Start again to continue where this ended.');
      process.exit();
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(signal));
    installLastResort({
      report: (message) => node.events.trouble('fault', message),
      end: (why) => {
        process.exitCode = exitStatus.failed;
        stop(why).catch(() => process.exit(exitStatus.failed));
      },
    });
    const url = `${served.url}#token=${node.genesis.keys.token}`;
    print([
      '',
      `Trine is running (${((performance.now() - begun) / 1000).toFixed(1)} s).`,
      '',
      `  Console   ${url}`,
      `  MQTT      ${node.mqtt.address}`,
      `  Data      ${settings.home}`,
      '',
      'Next:',
      '  1. Open the console, pause this computer, and watch the credit being decided, paid and proven.',
      '  2. Import readings of your own:  npx trine import FILE.csv',
      '',
      'Ctrl-C stops it.',
    ]);
  } catch (error) {
    server.close();
    throw error;
  }
}

/** A taken MQTT port with a broker behind it: offers to use that broker. @throws MqttPortTakenError */
async function withBroker(settings: Settings): Promise<Settings> {
  if (settings.mqttAttach) return settings;
  try {
    await checkMqttPort(settings.host, settings.mqttPort);
    return settings;
  } catch (error) {
    if (!(error instanceof MqttPortTakenError) || !error.answers || !process.stdin.isTTY) throw error;
    const url = `mqtt://${settings.host}:${error.port}`;
    const ask = createInterface({ input: process.stdin, output: process.stderr });
    const answer = await ask.question(`A broker runs on MQTT port ${error.port} already. Use it as a client? [Y/n] `);
    ask.close();
    if (!/^(y(es)?)?$/i.test(answer.trim())) throw error;
    return { ...settings, mqttAttach: url };
  }
}
