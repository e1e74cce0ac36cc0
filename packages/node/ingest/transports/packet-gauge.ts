// Reads the fixed heads of MQTT packets (MQTT 3.1.1 §2.2) as they pass, so that a packet is refused for its size before
// its bytes are kept, and for coming too slowly.

/** Bytes that the packets of one connection may have, by kind. */
export interface PacketLimits {
  readonly connectBytesMax: number;
  readonly publishBytesMax: number;
  readonly packetBytesMax: number;
}

const CONNECT = 1;
const PUBLISH = 3;
/** A length takes four bytes at most. */
const LENGTH_BYTES_MAX = 4;

/** A CONNECT says its version behind its length and the name of the protocol (MQTT 3.1.1 §3.1.2, 5.0 §3.1.2). */
const PROTOCOL_5 = Buffer.from([0, 4, ...Buffer.from('MQTT'), 5]);

export type GaugeRefusal = 'packet-too-large' | 'not-mqtt' | 'mqtt-5';

export class PacketGauge {
  readonly #limits: PacketLimits;
  /** 0 between packets. */
  #type = 0;
  #lengthBytes = 0;
  #length = 0;
  #left = 0;
  #connected = false;
  /** Bytes of the CONNECT that are those of one of version 5, from its beginning. */
  #protocolBytes = 0;
  #unfinishedBytes = 0;

  constructor(limits: PacketLimits) {
    this.#limits = limits;
  }

  /** Bytes kept of a packet that is not complete, with those of the chunk in which it began. */
  get unfinishedBytes(): number {
    return this.#unfinishedBytes;
  }

  /** @returns why the connection must be closed, or nothing */
  take(chunk: Uint8Array): GaugeRefusal | undefined {
    const wasUnfinished = this.#type !== 0;
    let completed = false;
    for (let at = 0; at < chunk.length; ) {
      if (this.#left > 0) {
        const step = Math.min(this.#left, chunk.length - at);
        if (this.#type === CONNECT && this.#isVersion5(chunk.subarray(at, at + step))) return 'mqtt-5';
        this.#left -= step;
        at += step;
      } else {
        const refusal = this.#head(chunk[at++] as number);
        if (refusal) return refusal;
      }
      if (this.#left === 0 && this.#lengthBytes < 0) {
        this.#type = 0;
        completed = true;
      }
    }
    if (this.#type === 0) this.#unfinishedBytes = 0;
    else this.#unfinishedBytes = (wasUnfinished && !completed ? this.#unfinishedBytes : 0) + chunk.length;
    return undefined;
  }

  #isVersion5(bytes: Uint8Array): boolean {
    const seen = this.#length - this.#left;
    if (seen !== this.#protocolBytes) return false;
    for (const byte of bytes) {
      if (byte !== PROTOCOL_5[this.#protocolBytes]) return false;
      if (++this.#protocolBytes === PROTOCOL_5.length) return true;
    }
    return false;
  }

  #head(byte: number): GaugeRefusal | undefined {
    if (this.#type === 0) {
      this.#type = byte >> 4;
      this.#lengthBytes = 0;
      this.#length = 0;
      if (this.#type === 0) return 'not-mqtt';
      // What a connection begins with says whether MQTT is spoken on it at all.
      if (!this.#connected && this.#type !== CONNECT) return 'not-mqtt';
      this.#connected = true;
      return undefined;
    }
    this.#length += (byte & 0x7f) * 0x80 ** this.#lengthBytes++;
    if (this.#length > this.#max()) return 'packet-too-large';
    if (byte & 0x80) return this.#lengthBytes < LENGTH_BYTES_MAX ? undefined : 'not-mqtt';
    this.#lengthBytes = -1;
    this.#left = this.#length;
    return undefined;
  }

  #max(): number {
    if (this.#type === CONNECT) return this.#limits.connectBytesMax;
    return this.#type === PUBLISH ? this.#limits.publishBytesMax : this.#limits.packetBytesMax;
  }
}
