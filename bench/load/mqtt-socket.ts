// An MQTT 3.1.1 connection that sends what was encoded before the clock started: the sender shares the cores with
// what is measured, so it must cost next to nothing.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { generate, type Packet, parser } from 'mqtt-packet';

export class MqttSocket {
  /** Called with the payload of every message received. */
  onMessage: (payload: Uint8Array) => void = () => undefined;
  /** Called when the broker took a message of QoS 1. */
  onPuback: () => void = () => undefined;
  readonly #socket: Socket;
  readonly #arrived: Packet['cmd'][] = [];
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const packets = parser();
    packets.on('packet', (packet: Packet) => this.#take(packet));
    socket.on('data', (chunk) => packets.parse(chunk as Buffer));
  }

  /** @param subscribe topic to listen to, with QoS 1 */
  static async open(port: number, clientId: string, subscribe?: string): Promise<MqttSocket> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    const connection = new MqttSocket(socket);
    socket.write(
      generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId, keepalive: 0 }),
    );
    await connection.#until('connack');
    if (subscribe !== undefined) {
      socket.write(generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: subscribe, qos: 1 }] }));
      await connection.#until('suback');
    }
    return connection;
  }

  async #until(cmd: Packet['cmd']): Promise<void> {
    while (!this.#arrived.includes(cmd))
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
  }

  #take(packet: Packet): void {
    if (packet.cmd === 'publish') {
      if (packet.qos === 1) this.#socket.write(generate({ cmd: 'puback', messageId: packet.messageId as number }));
      this.onMessage(packet.payload as Buffer);
    } else if (packet.cmd === 'puback') this.onPuback();
    else {
      this.#arrived.push(packet.cmd);
      this.#wake();
    }
  }

  /** @param encoded of {@link encodePublish} */
  send(encoded: Uint8Array): void {
    this.#socket.write(encoded);
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** A PUBLISH packet of QoS 1. @param number of the message on its connection, from 0 */
export function encodePublish(topic: string, payload: Uint8Array, number: number): Buffer {
  return generate({
    cmd: 'publish',
    topic,
    payload: Buffer.from(payload.buffer, payload.byteOffset, payload.length),
    qos: 1,
    messageId: (number % 65_535) + 1,
    retain: false,
    dup: false,
  });
}
