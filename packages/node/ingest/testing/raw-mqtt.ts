// An MQTT connection that does what no library does: for tests of what a hostile client can bring about.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { generate, type Packet, parser } from 'mqtt-packet';

export class RawMqtt {
  readonly socket: Socket;
  readonly heard: Packet[] = [];
  isClosed = false;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    const packets = parser();
    packets.on('packet', (packet: Packet) => {
      this.heard.push(packet);
      this.#wake();
    });
    packets.on('error', () => undefined);
    socket.on('data', (chunk) => packets.parse(chunk as Buffer));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.isClosed = true;
      this.#wake();
    });
  }

  /** Opens a connection and says nothing on it. */
  static async open(port: number): Promise<RawMqtt> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const raw = new RawMqtt(socket);
    await once(socket, 'connect');
    return raw;
  }

  /** Keep-alive 0, and the session to be kept unless told otherwise. */
  static async connected(port: number, clientId: string, clean = false): Promise<RawMqtt> {
    const raw = await RawMqtt.open(port);
    raw.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean, clientId, keepalive: 0 });
    await raw.until(() => raw.heard.some(({ cmd }) => cmd === 'connack'));
    return raw;
  }

  send(packet: Packet): void {
    this.socket.write(generate(packet));
  }

  /** Resolves when something is so, or the connection is closed. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds() && !this.isClosed)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
  }

  close(): void {
    this.socket.destroy();
  }
}
