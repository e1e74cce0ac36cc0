// A sender over MQTT, in the form that the checks of every transport use.
import { ACKNOWLEDGEMENTS, STATEMENTS } from '@trine/protocol';
import mqtt, { type IClientOptions } from 'mqtt';
import type { Line } from '../transport.checks.ts';

/** @param url of the broker */
export async function mqttLine(url: string, options: IClientOptions = {}): Promise<Line> {
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 0, ...options });
  client.on('error', () => undefined);
  await client.subscribeAsync(`${ACKNOWLEDGEMENTS}line`, { qos: 1 });
  return {
    send: (message) =>
      new Promise((resolve) => {
        const over = () => resolve(undefined);
        if (!client.connected) return over();
        client.once('close', over);
        client.once('message', (_topic, payload) => {
          client.off('close', over);
          resolve(payload);
        });
        client.publishAsync(`${STATEMENTS}line`, Buffer.from(message), { qos: 1 }).catch(over);
      }),
    garbage: (bytes) => void client.stream.write(bytes),
    abort: () => void client.stream.destroy(),
    close: () => client.endAsync(true),
  };
}
